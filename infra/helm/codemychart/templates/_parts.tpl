{{/* Labels of everything; with a part's name, those that find its pods. */}}
{{- define "labels" -}}
app.kubernetes.io/name: codemychart
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "finding" -}}
app.kubernetes.io/name: codemychart
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{/* The pod of a part: .root, .part, .image, .args, .credentials, .port, .live, .ready, .resources, .env */}}
{{- define "pod" -}}
{{- $v := .root.Values }}
metadata:
  labels:
    {{- include "finding" . | nindent 4 }}
  annotations:
    checksum/places: {{ include (print .root.Template.BasePath "/places.yaml") .root | sha256sum }}
spec:
  serviceAccountName: {{ .root.Release.Name }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 60
  {{- with $v.images.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .restartPolicy }}
  restartPolicy: {{ . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: {{ .part }}
      image: "{{ $v.images.repository }}/{{ .image }}:{{ $v.images.tag | default .root.Chart.AppVersion }}"
      imagePullPolicy: {{ $v.images.pullPolicy }}
      args: {{ toJson .args }}
      envFrom:
        - configMapRef: {name: {{ .root.Release.Name }}-places}
      env:
        - {name: CMC_KAFKA_SASL_USERNAME, value: {{ .credentials }}}
        - {name: CMC_KAFKA_SASL_PASSWORD_FILE, value: /run/secrets/kafka/password}
        {{- with $v.lake.secret }}
        - name: CMC_LANDING_S3_ACCESS_KEY
          valueFrom: {secretKeyRef: {name: {{ . }}, key: access-key}}
        - {name: CMC_LANDING_S3_SECRET_KEY_FILE, value: /run/secrets/lake/secret-key}
        {{- end }}
        {{- range $name, $value := .env }}
        - {name: {{ $name }}, value: {{ $value | quote }}}
        {{- end }}
      {{- if .port }}
      ports:
        - {name: http, containerPort: {{ .port }}}
      startupProbe:
        httpGet: {path: {{ .live }}, port: http}
        periodSeconds: 5
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: {{ .live }}, port: http}
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: {{ .ready }}, port: http}
        timeoutSeconds: 5
      {{- end }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      volumeMounts:
        - {name: state, mountPath: /var/lib/codemychart}
        - {name: tmp, mountPath: /tmp}
        - {name: kafka, mountPath: /run/secrets/kafka, readOnly: true}
        - {name: kafka-ca, mountPath: /run/secrets/kafka-ca, readOnly: true}
        {{- if $v.lake.secret }}
        - {name: lake, mountPath: /run/secrets/lake, readOnly: true}
        {{- end }}
  volumes:
    - name: state # it outlives a restart of the container, as the journal of what a process died on must
      emptyDir: {sizeLimit: 4Gi}
    - name: tmp
      emptyDir: {sizeLimit: 1Gi}
    - name: kafka
      secret: {secretName: {{ .credentials }}, items: [{key: password, path: password}], defaultMode: 0440}
    - name: kafka-ca
      secret: {secretName: {{ $v.kafka.caSecret }}, items: [{key: ca.crt, path: ca.crt}]}
    {{- with $v.lake.secret }}
    - name: lake
      secret: {secretName: {{ . }}, items: [{key: secret-key, path: secret-key}], defaultMode: 0440}
    {{- end }}
{{- end }}
