{{- define "scrubjay.name" -}}
{{- printf "%s-scrubjay" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- define "scrubjay.selector" -}}
app.kubernetes.io/name: scrubjay
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "scrubjay.labels" -}}
{{ include "scrubjay.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
