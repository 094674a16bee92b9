{{- define "earshot.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride }}
{{- else }}{{ $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}{{ end }}{{ end }}
{{- end }}

{{/* The roles that run, without the job: those of the profile. */}}
{{- define "earshot.roles" -}}
{{- if eq .Values.profile "single" }}single{{ else }}collector,{{ include "earshot.workers" . }}{{ end }}
{{- end }}

{{/* Without ClickHouse a recorder would fill a file that no console could read. */}}
{{- define "earshot.workers" -}}
correlator,monitor,{{ if dig "store" "clickhouseUrl" "" .Values.config }}recorder,{{ end }}console
{{- end }}

{{/* The role that takes HEP. */}}
{{- define "earshot.taker" -}}
{{- if eq .Values.profile "single" }}single{{ else }}collector{{ end }}
{{- end }}

{{/* Labels that select the pods of a role: dict "root" "role". */}}
{{- define "earshot.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{/* Of everything; "role" may be missing. */}}
{{- define "earshot.labels" -}}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .role }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "earshot.metadata" -}}
name: {{ include "earshot.fullname" .root }}{{ with .name }}-{{ . }}{{ end }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "earshot.labels" . | nindent 2 }}
{{- end }}

{{- define "earshot.image" -}}
{{- with .Values.image }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}{{ end }}
{{- end }}

{{/* The configuration file. Only what is given here is in it; everything else has its default. */}}
{{- define "earshot.config" -}}
{{- $own := dict "http" (dict "host" "::") }}
{{- if .Values.hep.tls.secret }}{{ $_ := set $own "hep" (dict "tlsPort" 9061) }}{{ end }}
{{- mergeOverwrite $own (deepCopy .Values.config) | toYaml }}
{{- end }}

{{/* Ports of the pods, as numbers. */}}
{{- define "earshot.httpPort" }}{{ dig "http" "port" 8080 .Values.config | int }}{{ end }}
{{- define "earshot.udpPort" }}{{ dig "hep" "udpPort" 9060 .Values.config | int }}{{ end }}
{{- define "earshot.tcpPort" }}{{ dig "hep" "tcpPort" 9060 .Values.config | int }}{{ end }}
{{- define "earshot.tlsPort" }}{{ dig "hep" "tlsPort" 9061 .Values.config | int }}{{ end }}

{{/* Whether there is a peer registry: empty, or the name of its ConfigMap. */}}
{{- define "earshot.registry" -}}
{{- if .Values.peers.configMap }}{{ .Values.peers.configMap }}
{{- else if .Values.peers.registry }}{{ include "earshot.fullname" . }}-peers{{ end }}
{{- end }}
