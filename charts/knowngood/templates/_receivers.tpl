{{/* Where the files of all receivers are: one volume, which Kubernetes brings up to date by itself when a Secret changes. */}}
{{- define "knowngood.receiversDir" -}}/etc/knowngood/receivers{{- end -}}

{{/* Receivers as YAML: file (what the operator reads), mounts (the parts of the volume), and hooks (whether any tells who has an
     incident). */}}
{{- define "knowngood.receivers" -}}
{{- $dir := include "knowngood.receiversDir" . -}}
{{- $file := dict -}}
{{- $mounts := list -}}
{{- $hooks := false -}}
{{- range $name, $receiver := .Values.receivers -}}
{{- if $receiver -}}
  {{- $at := printf "%s/%s" $dir $name -}}
  {{- $refs := dict -}}
  {{- $entry := pick $receiver "default" "audience" "namespaces" "updateEvery" -}}
  {{- range $arm := list "alertmanager" "apprise" "pagerDuty" "slack" "slackBot" "webhook" -}}
  {{- with index $receiver $arm -}}
    {{- $own := dict -}}
    {{- range $field, $value := omit . "tls" -}}
      {{- if kindIs "map" $value -}}
        {{- $_ := set $refs $field $value -}}
        {{- if has $field (list "webhookSecret" "signingSecret") -}}{{- $hooks = true -}}{{- end -}}
        {{- $_ := set $own (printf "%sFile" $field) (printf "%s/%s" $at $field) -}}
      {{- else -}}
        {{- $_ := set $own $field $value -}}
      {{- end -}}
    {{- end -}}
    {{- with .tls -}}
      {{- $tls := dict -}}
      {{- range $part, $ref := . -}}
        {{- $_ := set $refs (printf "tls-%s" $part) $ref -}}
        {{- $_ := set $tls (printf "%sFile" $part) (printf "%s/tls-%s" $at $part) -}}
      {{- end -}}
      {{- $_ := set $own "tls" $tls -}}
    {{- end -}}
    {{- $_ := set $entry $arm $own -}}
  {{- end -}}
  {{- end -}}
  {{- $_ := set $file $name $entry -}}
  {{- range $path, $ref := $refs -}}
    {{- $kind := ternary "secret" "configMap" (hasKey $ref "secretRef") -}}
    {{- $from := $ref.secretRef | default $ref.configMapRef -}}
    {{- $item := dict "key" $from.key "path" (printf "%s/%s" $name $path) -}}
    {{- $mounts = append $mounts (dict $kind (dict "name" $from.name "items" (list $item))) -}}
  {{- end -}}
{{- end -}}
{{- end -}}
{{- dict "file" $file "mounts" $mounts "hooks" $hooks | toYaml -}}
{{- end -}}
