#!/bin/sh
# Installs the tools that some tests need and that are missing, where that is wanted: in CI, as root on Debian.
set -eu
[ "${CI:-}" = true ] || exit 0

missing=
for tool in tshark sngrep chromium; do
  command -v "$tool" > /dev/null || missing="$missing $tool"
done
[ -z "$missing" ] && exit 0

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# The tools have the names of their packages.
apt-get install -y -qq --no-install-recommends $missing > /dev/null
