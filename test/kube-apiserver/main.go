// Command kube-apiserver-for-tests runs a real Kubernetes API server with its own
// etcd inside one process, so that a test can talk to the real thing without a cluster.
//
// Usage: kube-apiserver-for-tests DIR [extra kube-apiserver flags]
//
// DIR receives etcd's data, the serving certificate, tokens.csv and a kubeconfig for
// the user "admin" (group system:masters). Both ports are free ones on 127.0.0.1.
// "ready DIR/kubeconfig" is printed on standard output once /readyz answers 200.
// More users come from lines added to DIR/tokens.csv before the start
// (token,user,uid,"group1,group2"); RBAC is on for them.
package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

const adminToken = "admin-token"

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: kube-apiserver-for-tests DIR [kube-apiserver flags]")
	}
	dir := os.Args[1]
	dir, err := filepath.Abs(dir)
	must(err)
	must(os.MkdirAll(dir, 0o700))
	etcd := startEtcd(filepath.Join(dir, "etcd"))
	key := writeSigningKey(filepath.Join(dir, "service-account.key"))
	tokens := writeTokens(filepath.Join(dir, "tokens.csv"))
	port := freePort()
	server := fmt.Sprintf("https://127.0.0.1:%d", port)
	certificates := filepath.Join(dir, "certificates")
	kubeconfig := writeKubeconfig(filepath.Join(dir, "kubeconfig"), server, filepath.Join(certificates, "apiserver.crt"))
	go announce(server, kubeconfig)

	apiserver := app.NewAPIServerCommand()
	apiserver.SetArgs(append([]string{
		"--etcd-servers=" + etcd,
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--cert-dir=" + certificates,
		"--token-auth-file=" + tokens,
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + key,
		"--service-account-signing-key-file=" + key,
		"--service-cluster-ip-range=10.0.0.0/24",
		"--disable-admission-plugins=ServiceAccount",
	}, os.Args[2:]...))
	must(apiserver.Execute())
}

// startEtcd runs etcd without fsync (a test's data need not survive a power cut) and returns its client URL.
func startEtcd(dir string) string {
	client := url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", freePort())}
	peer := url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", freePort())}
	config := embed.NewConfig()
	config.Dir, config.LogLevel, config.UnsafeNoFsync = dir, "error", true
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	must(err)
	select {
	case <-etcd.Server.ReadyNotify():
	case <-time.After(30 * time.Second):
		log.Fatal("etcd did not become ready within 30 s")
	}
	return client.String()
}

func writeSigningKey(path string) string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	must(os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	return path
}

func writeTokens(path string) string {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	must(err)
	defer file.Close()
	_, err = fmt.Fprintf(file, "%s,admin,admin,\"system:masters\"\n", adminToken)
	must(err)
	return path
}

// writeKubeconfig names the certificate file that the API server makes for itself, which ends with its authority's.
func writeKubeconfig(path, server, authority string) string {
	const format = `apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "%s", certificate-authority: "%s"}}]
users: [{name: admin, user: {token: "%s"}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
`
	must(os.WriteFile(path, fmt.Appendf(nil, format, server, authority, adminToken), 0o600))
	return path
}

// announce prints the ready line as soon as the API server serves every post-start hook.
func announce(server, kubeconfig string) {
	client := http.Client{
		Timeout:   time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}
	for ; ; time.Sleep(100 * time.Millisecond) {
		request, err := http.NewRequest(http.MethodGet, server+"/readyz", nil)
		must(err)
		request.Header.Set("Authorization", "Bearer "+adminToken)
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				fmt.Println("ready", kubeconfig)
				return
			}
		}
	}
}

func freePort() int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
