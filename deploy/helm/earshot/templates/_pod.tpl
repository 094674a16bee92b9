{{/*
The template of a role's pods: dict "root" "role", and where it keeps something "data", the volume of /data where it is no
claim of a StatefulSet. A role is mounted what it reads and nothing else.
*/}}
{{- define "earshot.podTemplate" -}}
{{- $root := .root }}{{ $role := .role }}{{ $values := index .root.Values .role }}
{{- $takesHep := has $role (list "single" "collector") }}
metadata:
  labels:
    {{- include "earshot.labels" . | nindent 4 }}
  annotations:
    checksum/config: {{ include "earshot.config" $root | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "earshot.fullname" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
  {{- if and $root.Values.hostNetwork $takesHep }}
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and (ne $role "single") $root.Values.topologySpread.keys }}
  topologySpreadConstraints:
    {{- range $root.Values.topologySpread.keys }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: {{ $root.Values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "earshot.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  securityContext:
    {{- include "earshot.podSecurity" . | nindent 4 }}
  containers:
    - name: {{ $role }}
      image: {{ include "earshot.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [{{ if eq $role "single" }}up{{ else }}{{ $role }}{{ end }}]
      env:
        {{- include "earshot.env" . | trim | nindent 8 }}
      ports:
        - { name: http, containerPort: {{ include "earshot.httpPort" $root }} }
        {{- if $takesHep }}
        {{- $onNode := and (eq $role "collector") (eq $root.Values.collector.kind "DaemonSet") }}
        {{- range list "udp" "tcp" "tls" }}
        {{- if or (ne . "tls") $root.Values.hep.tls.secret }}
        {{- $port := include (printf "earshot.%sPort" .) $root }}
        - name: hep-{{ . }}
          containerPort: {{ $port }}
          protocol: {{ if eq . "udp" }}UDP{{ else }}TCP{{ end }}
          {{- if $onNode }}
          hostPort: {{ $port }}
          {{- end }}
        {{- end }}
        {{- end }}
        {{- end }}
      startupProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 5
        timeoutSeconds: 3
      {{- with $root.Values.preStopSeconds }}
      lifecycle:
        preStop:
          sleep: { seconds: {{ . }} }
      {{- end }}
      resources:
        {{- toYaml $values.resources | nindent 8 }}
      securityContext:
        {{- include "earshot.containerSecurity" . | nindent 8 }}
      volumeMounts:
        {{- include "earshot.mounts" . | trim | nindent 8 }}
  volumes:
    {{- include "earshot.volumes" . | trim | nindent 4 }}
    {{- with .data }}
    - name: data
      {{- . | nindent 6 }}
    {{- end }}
{{- end }}

{{- define "earshot.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "earshot.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
capabilities: { drop: [ALL] }
{{- end }}

{{/* The claim of a StatefulSet's pods: dict "root" "volume". Labels cannot change later, so that they have no version. */}}
{{- define "earshot.claim" -}}
- metadata:
    name: data
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .volume.storageClass }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests: { storage: {{ .volume.size }} }
{{- end }}
