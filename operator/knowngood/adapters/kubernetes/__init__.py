"""The Kubernetes API: objects read, watched and written through `kubernetes.aio`."""
