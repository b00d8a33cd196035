{{- define "knowngood.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "knowngood.labels" -}}
app.kubernetes.io/name: knowngood
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "knowngood.selector" -}}
app.kubernetes.io/name: knowngood
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
