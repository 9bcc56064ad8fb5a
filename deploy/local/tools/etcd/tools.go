//go:build tools

// Package etcd pins the etcd server that local mode builds when it finds no other.
package etcd

import _ "go.etcd.io/etcd/server/v3"
