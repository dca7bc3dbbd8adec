/** What `--help` says after the list of commands. */
export const programHelp = `
Examples:
  runferry ls                              what is in swanlog/ and wandb/ here
  runferry sync                            all of it to SwanLab, where you are logged in
  runferry sync -h swan.example.com        to a private SwanLab host
  runferry sync --to ./archive             ferry all of it into an archive
  runferry sync /data/jobs --to /mnt/usb   every run below a folder
  runferry verify ./archive                prove that the archive is whole

Exit codes:
   0  all done                       12  the key is missing or wrong
   1  a bug                          13  the network, or a server that is busy
   2  usage                          14  the destination refused
   3  some runs or records failed    15  what was read back differs
  10  no run, unreadable, unknown    16  configuration
  11  locked by another process      130, 143  cancelled

-h is kept for host names: help is --help.
Colours follow NO_COLOR and FORCE_COLOR.`;

/** What `--help` of each command says after its options. */
export const commandHelp = {
  sync: `
A path is a run directory, its log, anything inside it, an archive, or any
folder above them. Without one: swanlog/, wandb/ and .wandb/ of the current
directory. Runs are only read, never changed; what is there already is skipped,
and a run that is there in part gets exactly what it lacks. What was verified
before and has not changed is skipped without asking anybody; --recheck asks.

Without --to or -h runs go to SwanLab as its own client would find it: the host
and key of SWANLAB_API_HOST and SWANLAB_API_KEY, of the settings files, or of the
first stored login. A run keeps its id; in a further project it becomes a copy.

With --follow, runs that are still written are followed to their end and then
completed, as watch does; it ends when each run named has ended or is stale.

Parts of one run, as of one that was resumed, become one run at SwanLab. Where two
have a value for the same step, the later part's counts, unless --overlap says
otherwise; docs/segments.md tells the rest.

A filter is a glob for the id, name or directory of a run, or FIELD:GLOB with
FIELD one of id, name, project, state, path; age:<7d and age:>12h go by its start.

Examples:
  runferry sync wandb/ -p llama
  runferry sync runs/ -h http://127.0.0.1:8092 -k KEY
  runferry sync run-1 --to swanlab/@me/one --to swanlab/@me/two
  runferry sync --to ./archive
  runferry sync wandb/ --to ./archive --to /mnt/backup
  runferry sync runs/ --to ./archive --include 'project:llama*' --exclude 'age:<1h'
  runferry sync . --to ./archive --max-file-size 100MB --no-media --dry-run
  runferry sync wandb/ --to ./archive --clean --keep 10
  runferry sync wandb/latest-run --follow
  runferry sync . --to ./archive --json | tail -n 1`,
  ls: `
A state with a star means that the log is damaged or ends early. The list also
tells where runs were synced, as journals know it; with --to, the destinations
that are named are asked where a journal does not know.

Examples:
  runferry ls
  runferry ls /data/jobs --include state:incomplete
  runferry ls --to ./archive
  runferry ls ./archive --json`,
  show: `
Examples:
  runferry show wandb/latest-run
  runferry show swanlog/run-20261123_081135-3b45d971 -v
  runferry show archive/project/run.tar --json`,
  cat: `
Examples:
  runferry cat wandb/latest-run | head
  runferry cat run.tar | jq -c 'select(.type == "history") | .values'`,
  verify: `
With --to or -h, the runs at the paths are read again and compared with what each
destination holds. Without it the paths are archives: everything in them is read
again and hashed.

Examples:
  runferry verify wandb/ -h swan.example.com --exact
  runferry verify ./archive
  runferry verify wandb/ --to ./archive`,
  clean: `
A run directory is deleted only if every destination named was given all of it and
still holds it, read back just now; the run has ended, nobody writes to it, and
nothing in it changed since it was read. The list says what speaks against each
other one. What was never synced from this machine is kept.

Runs stay for a day after their last change, unless --min-age says otherwise. With
sync --clean they go as soon as they have arrived.

Examples:
  runferry clean wandb/ --to ./archive --dry-run
  runferry clean wandb/ swanlog/ --to ./archive --min-age 7d --yes
  runferry clean runs/ -h swan.example.com --keep 20 --trash /scratch/trash`,
  export: `
A row is what was logged at once: step, time in ms since 1970, then the keys in
the order in which they first came up. A key named step or time gets a _ behind it.

Examples:
  runferry export wandb/latest-run --format csv > history.csv
  runferry export run.tar --format jsonl --output history.jsonl`,
  login: `
Without -k the key is asked for, or read from standard input. It is stored where
the official client looks for it, ~/.swanlab/.netrc, for its own host only.

Examples:
  runferry login
  runferry login -h http://127.0.0.1:8092
  runferry login -h swan.example.com -k - < key.txt`,
  logout: `
Examples:
  runferry logout
  runferry logout -h http://127.0.0.1:8092`,
  whoami: `
A key is looked for in SWANLAB_API_KEY, in SwanLab's settings files, and among the
stored logins. It is only ever sent to the host that it belongs to.

Examples:
  runferry whoami
  runferry whoami -h http://127.0.0.1:8092 --json`,
  serve: `
Any SwanLab client can log in, log runs and read them back; runferry sync too.
What the host acknowledged is on disk. Without --user the first start makes an
account named local. A new key is printed once and stored only as a hash.

Examples:
  runferry serve ./store
  runferry serve ./store --user ada --user bob
  runferry serve /data/store --listen 0.0.0.0 --user ada \\
    --tls-cert host.pem --tls-key host-key.pem
  runferry serve ./store --base-url https://lab.example/runs`,
  completion: `
Examples:
  source <(runferry completion bash)
  runferry completion zsh > "\${fpath[1]}/_runferry"
  runferry completion fish > ~/.config/fish/completions/runferry.fish`,
} as const;
