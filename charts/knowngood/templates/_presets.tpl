{{/* The source that is named; else `default`, or the only one that there is. */}}
{{- define "knowngood.presetSource" -}}
{{- $sources := .Values.sources -}}
{{- if .Values.presets.source -}}{{ .Values.presets.source }}
{{- else if and (not (hasKey $sources "default")) (eq (len $sources) 1) -}}{{ keys $sources | first }}
{{- else -}}default
{{- end -}}
{{- end -}}

{{/* Takes (list . "name" "YAML of what is read"). */}}
{{- define "knowngood.preset" -}}
{{- $ := index . 0 -}}
---
apiVersion: knowngood.dev/v1alpha1
kind: ClusterSignalTemplate
metadata:
  # No part of the release's name: policies refer to it.
  name: {{ index . 1 }}
  labels: {{- include "knowngood.labels" $ | nindent 4 }}
spec:
  source: {{ include "knowngood.presetSource" $ | quote }}
  {{- index . 2 | trim | nindent 2 }}
{{ end -}}

{{/* Matchers that tell the gateway from any pod that exports the same names: labels that the scrape attaches. */}}
{{- define "knowngood.envoyTarget" -}}
{{- $matchers := list -}}
{{- range $label, $value := .Values.presets.envoy.target -}}
{{- $matchers = append $matchers (printf "%s=%q" $label $value) -}}
{{- end -}}
{{- join "," $matchers -}}
{{- end -}}
