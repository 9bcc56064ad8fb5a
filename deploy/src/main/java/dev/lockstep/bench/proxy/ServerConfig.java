package dev.lockstep.bench.proxy;

import java.nio.file.Path;

/**
 * The configs of the servers that are not ours. Both proxies keep as many connections to the
 * backend as Lockstep is told to, over HTTP/1.1, write no log, and tell the backend who asked.
 *
 * @param folder of the run, where each server has a folder of its own
 * @param threads that each proxy serves with
 * @param backend the backend's port
 */
record ServerConfig(Path folder, int threads, int backend) {
  /** Of each thread of each proxy, unused: more than any case has connections. */
  static final int KEPT = 512;

  private static final String NGINX =
      """
      daemon off;
      %1$sworker_processes %2$d;
      pid %3$s/nginx.pid;
      error_log stderr warn;
      worker_rlimit_nofile 16384;
      events { worker_connections 4096; }
      http {
        access_log off;
        sendfile on;
        tcp_nodelay on;
        default_type application/octet-stream;
        client_body_temp_path %3$s/body;
        proxy_temp_path %3$s/proxy;
        fastcgi_temp_path %3$s/fastcgi;
        uwsgi_temp_path %3$s/uwsgi;
        scgi_temp_path %3$s/scgi;
        keepalive_timeout 600s;
        keepalive_requests 1000000000;
      """;

  private static final String BACKEND =
      """
        open_file_cache max=100 inactive=1h;
        open_file_cache_valid 1h;
        server {
          listen 127.0.0.1:%d backlog=4096;
          root %s;
        }
      }
      """;

  private static final String PROXY =
      """
        upstream backend {
          server 127.0.0.1:%1$d;
          keepalive %2$d;
          keepalive_requests 1000000000;
          keepalive_timeout 600s;
        }
        ssl_certificate %3$s;
        ssl_certificate_key %3$s;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache shared:tls:10m;
        server {
          listen 127.0.0.1:%4$d backlog=4096;
          listen 127.0.0.1:%5$d ssl http2 backlog=4096;
          location / {
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $http_host;
            # A large body waits in memory for its client, as it does in the others.
            proxy_max_temp_file_size 0;
          }
        }
      }
      """;

  private static final String HAPROXY =
      """
      global
        nbthread %1$d
        maxconn 4096
        ssl-default-bind-options ssl-min-ver TLSv1.2 prefer-client-ciphers
      defaults
        mode http
        timeout connect 5s
        timeout client 600s
        timeout server 600s
        option dontlognull
        option forwardfor
        http-reuse always
      frontend traffic
        bind 127.0.0.1:%2$d backlog 4096
        bind 127.0.0.1:%3$d backlog 4096 ssl crt %4$s alpn h2,http/1.1
        http-request set-header X-Real-IP %%[src]
        http-request set-header X-Forwarded-Proto https if { ssl_fc }
        http-request set-header X-Forwarded-Proto http unless { ssl_fc }
        http-request set-header X-Forwarded-Host %%[req.hdr(host)]
        default_backend backend
      backend backend
        server only 127.0.0.1:%5$d pool-max-conn %6$d pool-purge-delay 600s
      """;

  /** {@return nginx as the backend, for the files in this folder} */
  String nginxBackend(Path own, Path files) {
    return nginx(own) + BACKEND.formatted(backend, files);
  }

  /** {@return nginx as a proxy} */
  String nginxProxy(Path own, Contender.Listening ports) {
    return nginx(own) + PROXY.formatted(backend, KEPT, certificate(), ports.http(), ports.https());
  }

  /** {@return HAProxy} */
  String haproxy(Contender.Listening ports) {
    return HAPROXY.formatted(
        threads, ports.http(), ports.https(), certificate(), backend, KEPT * threads);
  }

  /** {@return the file with certificate and key, in one, as all take it} */
  Path certificate() {
    return folder.resolve("certificate.pem");
  }

  private String nginx(Path own) {
    // Started by root, its workers would be somebody who may not read the folder of the run.
    boolean root = System.getProperty("user.name").equals("root");
    return NGINX.formatted(root ? "user root root;\n" : "", threads, own);
  }
}
