/**
 * How every executable is compiled, but for its target, base and output. `--no-compile-autoload-*`
 * keeps the program from reading `.env` and `bunfig.toml` where it is run.
 */
export const compileOptions: readonly string[] = [
  "build",
  "--compile",
  "--production",
  "--minify",
  "--bytecode",
  "--format=esm",
  "--sourcemap",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  "src/main.ts",
];
