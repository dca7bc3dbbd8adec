#!/usr/bin/env bash
# Makes the loader object of one architecture, which build/merge.ts puts into the static program:
#   build/loader/make.sh x64|arm64 OUTPUT.so
# It is musl's C library, which is also its own dynamic loader, with three small changes (musl.patch),
# an entry that finds the program in the same file (entry_*.S), and the few pieces of the C++ runtime
# that Bun needs (cxx_runtime.cc, and members of GCC's own libstdc++.a named in cxx_symbols.txt).
# Same compiler, same bytes: build/loader/README.md names the packages.
set -euo pipefail
export LC_ALL=C TZ=UTC
here=$(cd "$(dirname "$0")" && pwd)
architecture=${1:?x64 or arm64}
output=$(realpath -m "${2:?the file to write}")

version=1.2.5-3.1~deb13u1
original=a9a118bbe84d8764da0ea0d28b3ab3fae8477fc7e4085d90102b8596fc7c75e4
debian=46fdfb271edc2f035d8d4063ff2e299734409693e781e69e4b77e0a9a495072e

case $architecture in
  x64) prefix='' packages='g++' flags='' page=0x1000 ;;
  arm64) prefix=aarch64-linux-gnu- packages='g++-aarch64-linux-gnu' flags='-mno-outline-atomics' page=0x10000 ;;
  *) echo "There is no loader for $architecture; say x64 or arm64." >&2 && exit 2 ;;
esac
missing=''
for tool in "${prefix}g++" make patch xz apt-get; do
  command -v "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
  echo "Cannot build the loader without$missing. On Debian: apt-get install $packages make patch xz-utils" >&2
  exit 3
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The source comes from Debian, through lists of its own: the machine's are left as they are.
sources=${RUNFERRY_MUSL_SOURCE:-}
if [ -z "$sources" ]; then
  mirror=$(grep -rhoE '(https?|mirror\+file):[^ ]*/debian/?( |$)' /etc/apt/sources.list* | head -1 || true)
  if [ -z "$mirror" ]; then
    echo "Cannot find a Debian mirror in /etc/apt: put the source of musl $version into a folder and set RUNFERRY_MUSL_SOURCE to it." >&2
    exit 3
  fi
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb-src [signed-by=$keyring] $mirror trixie main" >sources.list
  mkdir -p lists/partial
  apt=(apt-get -q -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$work/lists" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache=
    -o APT::Sandbox::User=root)
  "${apt[@]}" update >&2
  "${apt[@]}" source --download-only "musl=$version" >&2
  sources=$work
fi
sha256sum --check --quiet >&2 <<CHECK
$original  $sources/musl_1.2.5.orig.tar.gz
$debian  $sources/musl_$version.debian.tar.xz
CHECK
tar -xzf "$sources/musl_1.2.5.orig.tar.gz"
tar -xJf "$sources/musl_$version.debian.tar.xz"
cd musl-1.2.5
grep -vE '^(#|$)' ../debian/patches/series | while read -r name; do
  patch --quiet -p1 <"../debian/patches/$name"
done
patch --quiet -p1 <"$here/musl.patch"

# .lo are musl's position-independent objects.
CC=${prefix}gcc CROSS_COMPILE=$prefix CFLAGS="-O2 $flags" ./configure --prefix=/ --enable-wrapper=no >&2
make -j"$(nproc)" lib/libc.so >&2

# Linked beforehand, else musl's own --exclude-libs=ALL would hide what comes from the archive.
"${prefix}g++" -O2 -fPIC -fno-exceptions -fno-rtti $flags -c "$here/cxx_runtime.cc" -o ../own.o
"${prefix}gcc" -c "$here/entry_$architecture.S" -o ../entry.o
undefined=$(sed 's/^/-Wl,-u,/' "$here/cxx_symbols.txt" | tr '\n' ' ')
# shellcheck disable=SC2086
"${prefix}g++" -r -nostdlib -o ../cxx.o ../own.o $undefined \
  "$("${prefix}g++" -print-file-name=libstdc++.a)"

# Two segments, R+X and RW: the program has two program headers to spare, not more.
# shellcheck disable=SC2046
"${prefix}gcc" -nostdlib -shared -s -Wl,--build-id=none -Wl,-e,_dlstart \
  -Wl,--sort-section,alignment -Wl,--sort-common -Wl,--hash-style=both -Wl,--no-undefined \
  -Wl,-Bsymbolic-functions -Wl,--dynamic-list=dynamic.list -Wl,-z,noseparate-code \
  -Wl,-z,norelro -Wl,-z,max-page-size=$page \
  -o "$output" $(find obj -name '*.lo' | sort) ../entry.o ../cxx.o -lgcc
