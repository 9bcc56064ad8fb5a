//go:build tools

// Package kubernetes pins the Kubernetes commands that local mode builds when it finds no others.
package kubernetes

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
