{{/* Where the files of all sources are: one volume, which Kubernetes brings up to date by itself when a Secret changes. */}}
{{- define "knowngood.sourcesDir" -}}/etc/knowngood/sources{{- end -}}

{{/* Sources with more than a URL, as YAML: file (what the operator reads) and mounts (the parts of the volume). */}}
{{- define "knowngood.sources" -}}
{{- $dir := include "knowngood.sourcesDir" . -}}
{{- $file := dict -}}
{{- $mounts := list -}}
{{- range $name, $source := .Values.sources -}}
{{- if kindIs "map" $source -}}
  {{- $at := printf "%s/%s" $dir $name -}}
  {{- $entry := pick $source "url" "deadline" "inFlight" -}}
  {{- $refs := dict -}}
  {{- with $source.bearerToken -}}
    {{- $_ := set $refs "bearer-token" . -}}
    {{- $_ := set $entry "bearerTokenFile" (printf "%s/bearer-token" $at) -}}
  {{- end -}}
  {{- with $source.basicAuth -}}
    {{- $basic := dict "passwordFile" (printf "%s/password" $at) -}}
    {{- $_ := set $refs "password" .password -}}
    {{- if kindIs "map" .username -}}
      {{- $_ := set $refs "username" .username -}}
      {{- $_ := set $basic "usernameFile" (printf "%s/username" $at) -}}
    {{- else -}}
      {{- $_ := set $basic "username" .username -}}
    {{- end -}}
    {{- $_ := set $entry "basicAuth" $basic -}}
  {{- end -}}
  {{- with $source.tls -}}
    {{- $tls := dict -}}
    {{- range $part, $ref := . -}}
      {{- $_ := set $refs (printf "tls-%s" $part) $ref -}}
      {{- $_ := set $tls (printf "%sFile" $part) (printf "%s/tls-%s" $at $part) -}}
    {{- end -}}
    {{- $_ := set $entry "tls" $tls -}}
  {{- end -}}
  {{- with $source.headers -}}
    {{- $headers := dict -}}
    {{- range $header, $value := . -}}
      {{- if $value.secretRef -}}
        {{- $_ := set $refs (printf "header-%s" $header) $value -}}
        {{- $_ := set $headers $header (dict "file" (printf "%s/header-%s" $at $header)) -}}
      {{- else -}}
        {{- $_ := set $headers $header (dict "value" $value.value) -}}
      {{- end -}}
    {{- end -}}
    {{- $_ := set $entry "headers" $headers -}}
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
{{- dict "file" $file "mounts" $mounts | toYaml -}}
{{- end -}}
