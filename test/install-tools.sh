#!/bin/sh
# Installs the tools that some tests need and that are missing, where that is wanted: in CI, as root on Debian.
set -eu
[ "${CI:-}" = true ] || exit 0

# The ClickHouse engine for Node, 546 MB. Not npm ci: it refuses a lock without the engines of other platforms, which not
# every registry has.
[ -d test/clickhouse/node_modules/chdb ] || npm install --no-save --prefix test/clickhouse --no-audit --no-fund > /dev/null

missing=
for tool in tshark sngrep chromium openssl kamailio buildah podman runc; do
  command -v "$tool" > /dev/null || missing="$missing $tool"
done
command -v sipp > /dev/null || missing="$missing sip-tester"
command -v rtpengine > /dev/null || missing="$missing rtpengine-daemon"
command -v prometheus-alertmanager > /dev/null || missing="$missing prometheus-alertmanager"
command -v promtool > /dev/null || missing="$missing prometheus"
command -v java > /dev/null || missing="$missing default-jre-headless"
command -v mvn > /dev/null || missing="$missing maven"
[ -z "$missing" ] && exit 0

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends $missing > /dev/null
