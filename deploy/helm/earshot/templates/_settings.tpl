{{/* What a role is told beside the configuration file: dict "root" "role". */}}
{{- define "earshot.env" -}}
{{- $root := .root }}{{ $values := .root.Values }}{{ $role := .role }}
- { name: EARSHOT_CONFIG, value: /etc/earshot/config/earshot.yaml }
{{- /* Without it Node takes half of the limit for its heap at most, and ends where there was room. */}}
- { name: NODE_OPTIONS, value: --max-old-space-size-percentage=70 }
{{- if has $role (list "single" "collector" "recorder" "console") }}
- { name: EARSHOT_DATA_DIR, value: /data }
{{- end }}
{{- if and $values.store.password.secret (has $role (list "single" "recorder" "console")) }}
- { name: EARSHOT_STORE_PASSWORD_FILE, value: /etc/earshot/store-login/{{ $values.store.password.key }} }
{{- end }}
{{- if has $role (list "single" "collector") }}
- name: EARSHOT_HEP_COLLECTOR_NAME
  valueFrom:
    fieldRef:
      fieldPath: {{ if and (eq $role "collector") (eq $values.collector.kind "DaemonSet") }}spec.nodeName{{ else }}metadata.name{{ end }}
{{- if $values.hep.tls.secret }}
- { name: EARSHOT_HEP_TLS_CERT_FILE, value: /etc/earshot/hep-tls/tls.crt }
- { name: EARSHOT_HEP_TLS_KEY_FILE, value: /etc/earshot/hep-tls/tls.key }
{{- if $values.hep.tls.verifiesAgents }}
- { name: EARSHOT_HEP_TLS_CA_FILE, value: /etc/earshot/hep-tls/ca.crt }
{{- end }}
{{- end }}
{{- if $values.hep.agents.secret }}
- { name: EARSHOT_HEP_AGENTS_FILE, value: /etc/earshot/agents/{{ $values.hep.agents.key }} }
{{- end }}
{{- end }}
{{- if and (include "earshot.registry" $root) (not (has $role (list "collector" "topics"))) }}
- { name: EARSHOT_PEERS_FILE, value: /etc/earshot/peers/{{ $values.peers.key }} }
{{- end }}
{{- if and $values.console.tokens.secret (has $role (list "single" "console")) }}
- { name: EARSHOT_CONSOLE_TOKENS_FILE, value: /etc/earshot/tokens/{{ $values.console.tokens.key }} }
{{- end }}
{{- if ne $role "single" }}
{{- if $values.kafka.password.secret }}
- { name: EARSHOT_KAFKA_PASSWORD_FILE, value: /etc/earshot/kafka-login/{{ $values.kafka.password.key }} }
{{- end }}
{{- if $values.kafka.tls.secret }}
- { name: EARSHOT_KAFKA_CA_FILE, value: /etc/earshot/kafka-tls/ca.crt }
{{- if $values.kafka.tls.clientCertificate }}
- { name: EARSHOT_KAFKA_CERT_FILE, value: /etc/earshot/kafka-tls/tls.crt }
- { name: EARSHOT_KAFKA_KEY_FILE, value: /etc/earshot/kafka-tls/tls.key }
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Secrets that a role reads, as a map of folder to name. */}}
{{- define "earshot.secrets" -}}
{{- $values := .root.Values }}{{ $role := .role }}{{ $secrets := dict }}
{{- if has $role (list "single" "collector") }}
{{- $_ := set $secrets "hep-tls" $values.hep.tls.secret }}
{{- $_ := set $secrets "agents" $values.hep.agents.secret }}
{{- end }}
{{- if has $role (list "single" "recorder" "console") }}{{ $_ := set $secrets "store-login" $values.store.password.secret }}{{ end }}
{{- if has $role (list "single" "console") }}{{ $_ := set $secrets "tokens" $values.console.tokens.secret }}{{ end }}
{{- if ne $role "single" }}
{{- $_ := set $secrets "kafka-login" $values.kafka.password.secret }}
{{- $_ := set $secrets "kafka-tls" $values.kafka.tls.secret }}
{{- end }}
{{- range $folder := keys $secrets }}{{ if not (get $secrets $folder) }}{{ $_ := unset $secrets $folder }}{{ end }}{{ end }}
{{- toJson $secrets }}
{{- end }}

{{- define "earshot.mounts" -}}
- { name: config, mountPath: /etc/earshot/config, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- if and (include "earshot.registry" .root) (not (has .role (list "collector" "topics"))) }}
- { name: peers, mountPath: /etc/earshot/peers, readOnly: true }
{{- end }}
{{- range $folder, $name := include "earshot.secrets" . | fromJson }}
- { name: {{ $folder }}, mountPath: /etc/earshot/{{ $folder }}, readOnly: true }
{{- end }}
{{- if has .role (list "single" "collector" "recorder" "console") }}
- { name: data, mountPath: /data }
{{- end }}
{{- end }}

{{/* Whole folders and no subPath: only these follow a change of what they show. */}}
{{- define "earshot.volumes" -}}
- name: config
  configMap: { name: {{ include "earshot.fullname" .root }}-{{ if eq .role "topics" }}topics{{ else }}config{{ end }} }
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- if and (include "earshot.registry" .root) (not (has .role (list "collector" "topics"))) }}
- name: peers
  configMap: { name: {{ include "earshot.registry" .root }} }
{{- end }}
{{- range $folder, $name := include "earshot.secrets" . | fromJson }}
- name: {{ $folder }}
  secret: { secretName: {{ $name }}, defaultMode: 0440 }
{{- end }}
{{- end }}
