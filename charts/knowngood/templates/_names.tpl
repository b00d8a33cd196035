{{/* Helm allows 53 characters for a release, which leaves room for what Kubernetes adds to a Deployment's name. */}}
{{- define "knowngood.name" -}}
{{- .Release.Name -}}
{{- end -}}

{{/* Of objects without a namespace. A colon occurs in neither part, so no two releases share a name. */}}
{{- define "knowngood.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace .Release.Name -}}
{{- end -}}

{{- define "knowngood.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{ include "knowngood.selector" . }}
{{- end -}}

{{- define "knowngood.selector" -}}
app.kubernetes.io/name: knowngood
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Two operators would both act on every model: each has a Lease of its own. Only a real installation can look. */}}
{{- define "knowngood.onlyOne" -}}
{{- $mine := include "knowngood.clusterName" . -}}
{{- range (lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" "").items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $other := index (.metadata.annotations | default dict) "knowngood.dev/release" -}}
{{- if and (eq (index $labels "app.kubernetes.io/name" | default "") "knowngood") $other (ne $other $mine) -}}
{{- fail (printf "this cluster runs Knowngood already (namespace:release is %s): two would both act on every model; upgrade or uninstall that one" $other) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Of a ValidatingAdmissionPolicy: a DNS name. A namespace has no dots, so no two releases share one. Takes (list . "what"). */}}
{{- define "knowngood.policyName" -}}
{{- $release := (index . 0).Release -}}
{{- printf "%s.%s.%s.knowngood.dev" $release.Namespace $release.Name (index . 1) -}}
{{- end -}}
