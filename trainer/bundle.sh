#!/bin/bash
# Makes a self-contained tarball of the trainer, for Linux machines on which nothing is to be installed (rented ones, say), and
# tries it where there is nothing else.
#
#   trainer/bundle.sh PROGRAM OUTPUT.tar.gz [MORE.so ...]
#
# In it: `florilegium` (a launcher), lib/ with the program and every shared library it needs, the C library and its loader
# among them, so that the machine's own may be older; licences.txt of all that is in it. MORE.so: parts that the
# program loads by itself, such as libflorilegium_cuda.so; what those need beyond our own libraries (cuDNN, cuBLAS, the driver)
# is the machine's, found as usual or by LD_LIBRARY_PATH.
# Exit status: 0 made and tried, 1 something failed.
set -euo pipefail
export LC_ALL=C
program=$1 output=$2
shift 2

fail() { echo "bundle: $*" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=$(basename "$output" .tar.gz)
root=$work/$name
mkdir -p "$root/lib"

# ldd writes "name => path (address)", and the loader as "path (address)".
ldd "$program" > "$work/needs" || fail "ldd cannot read $program"
if grep -q 'not found' "$work/needs"; then fail "not found on this machine: $(grep 'not found' "$work/needs" | tr '\n' ' ')"; fi
sed -nE 's/^.*=> (\/[^ ]*) .*/\1/p; s/^[[:space:]]*(\/[^ ]*) .*/\1/p' "$work/needs" | sort -u > "$work/libraries"
while read -r library; do
  cp -L "$library" "$root/lib/"
done < "$work/libraries"
cp -L "$program" "$root/lib/florilegium"
for part in "$@"; do [ -e "$part" ] && cp -L "$part" "$root/lib/"; done
node "$(dirname "$0")/../web/tools/licences.mjs" program "$root/licences.txt" "$(dirname "$program")" "$program" "$@" ||
  fail "the licences of what is in it could not be listed"
loader=$(basename "$(grep -E '/ld-linux[^/]*$' "$work/libraries")")

cat > "$root/florilegium" <<L
#!/bin/sh
# Starts the program with the libraries that came with it.
here=\$(dirname "\$(readlink -f "\$0")")
exec "\$here/lib/$loader" --library-path "\$here/lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" "\$here/lib/florilegium" "\$@"
L
chmod +x "$root/florilegium" "$root/lib/$loader"
tar -C "$work" --owner=0 --group=0 -czf "$output.new" "$name"

# ---- trying it: unpacked, as the only thing in a file system of its own --------------------------------------------------------
bare=$work/bare
mkdir -p "$bare/tmp"
tar -C "$bare" -xzf "$output.new"
try() { env -i "${enter[@]}" "/$name/lib/$loader" --library-path "/$name/lib" "/$name/lib/florilegium" "$@"; }
enter=("$(PATH=$PATH:/usr/sbin command -v chroot)" "$bare")
[ "$(id -u)" = 0 ] || enter=("$(command -v unshare)" --map-root-user "${enter[@]}")
if env -i "${enter[@]}" "/$name/lib/$loader" --version >/dev/null 2>&1; then
  try train --config tiny --data garden --batch 2 --steps 2 --samples 1 --threads 1 --out /tmp/run 2> "$work/log" || { cat "$work/log" >&2; fail "it does not train where there is nothing else"; }
  [ -s "$bare/tmp/run/model.onnx" ] || fail "it trained but wrote no model"
  try sample --model /tmp/run/model.onnx --seed 1 --steps 2 --out /tmp/picture.png > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "it does not grow a picture where there is nothing else"; }
  [ -s "$bare/tmp/picture.png" ] || fail "it grew a picture but wrote none"
  tried="trained and grew a picture with nothing else in its file system"
else
  tried="tried here only, since this user may not chroot"
fi
env -i PATH=/usr/bin:/bin "$bare/$name/florilegium" devices > "$work/log" 2>&1 || { cat "$work/log" >&2; fail "its launcher does not start it"; }
mv "$output.new" "$output"
echo "bundle: $output, $(du -h "$output" | cut -f1), $(wc -l < "$work/libraries") libraries; $tried"
