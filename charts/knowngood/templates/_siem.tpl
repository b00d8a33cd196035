{{/* Where the files of all SIEMs are: one volume, which Kubernetes brings up to date by itself when a Secret changes. */}}
{{- define "knowngood.siemDir" -}}/etc/knowngood/siem{{- end -}}

{{/* SIEMs as YAML: file (what the operator reads) and mounts (the parts of the volume). */}}
{{- define "knowngood.siem" -}}
{{- $dir := include "knowngood.siemDir" . -}}
{{- $file := dict -}}
{{- $mounts := list -}}
{{- range $name, $sink := .Values.siem -}}
{{- if $sink -}}
  {{- $at := printf "%s/%s" $dir $name -}}
  {{- $refs := dict -}}
  {{- $entry := pick $sink "format" "team" "stdout" -}}
  {{- range $arm := list "splunkHEC" "syslog" -}}
  {{- with index $sink $arm -}}
    {{- $own := omit . "token" "tls" -}}
    {{- with .token -}}
      {{- $_ := set $refs "token" . -}}
      {{- $_ := set $own "tokenFile" (printf "%s/token" $at) -}}
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
{{- dict "file" $file "mounts" $mounts | toYaml -}}
{{- end -}}
