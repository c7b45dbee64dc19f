using static Switchback.Proxy.Settings.ProxyFlagKind;
using static Switchback.Proxy.Settings.ProxyFlagSupport;

namespace Switchback.Proxy.Settings;

/// <summary>Every flag of <c>proxy server</c>: those of grepplabs/kafka-proxy under their own names, and the few that are ours.</summary>
public static class ProxyFlags
{
    /// <summary>The flags in the order of the documentation.</summary>
    public static IReadOnlyList<ProxyFlag> All { get; } =
    [
        new("bootstrap-server-mapping", Repeated, "", Yes, "remote:port,listen:port[,advertised:port]; several remotes, separated by ';', are tried in turn (environment: BOOTSTRAP_SERVER_MAPPING)"),
        new("external-server-mapping", Repeated, "", Yes, "remote:port,advertised:port: answered in place of that broker, without a listener (environment: EXTERNAL_SERVER_MAPPING)"),
        new("dial-address-mapping", Repeated, "", Yes, "from:port,to:port: connect to another address; TLS still verifies the first (environment: DIAL_ADDRESS_MAPPING)"),

        new("default-listener-ip", Text, "0.0.0.0", Yes, "address that dynamic listeners listen on"),
        new("dynamic-advertised-listener", Text, "", Yes, "host[:port] that clients are told for dynamic listeners; {{.brokerId}} is replaced"),
        new("dynamic-listeners-disable", Bool, "false", Yes, "open no listener for brokers without a mapping; a response that needs one closes the connection"),
        new("deterministic-listeners", Bool, "false", Yes, "a dynamic listener's port is the minimum port plus the broker's id"),
        new("dynamic-sequential-min-port", Number, "0", Yes, "first port of dynamic listeners; 0: the system chooses"),
        new("dynamic-sequential-max-ports", Number, "0", Yes, "how many ports from the minimum are used before beginning again; 0: up to 65535"),

        new("proxy-request-buffer-size", Number, "4096", NoEffect, "buffers are rented 64 KiB blocks"),
        new("proxy-response-buffer-size", Number, "4096", NoEffect, "buffers are rented 64 KiB blocks"),
        new("proxy-listener-read-buffer-size", Number, "0", Yes, "receive buffer of client sockets in bytes; 0: the system's"),
        new("proxy-listener-write-buffer-size", Number, "0", Yes, "send buffer of client sockets in bytes; 0: the system's"),
        new("proxy-listener-keep-alive", Duration, "60s", Yes, "TCP keep-alive of client sockets; 0: off"),

        new("proxy-listener-tls-enable", Bool, "false", Yes, "clients connect by TLS"),
        new("proxy-listener-tls-refresh", Duration, "0s", Yes, "how often changed certificate files of the listener are looked for; 0: never"),
        new("proxy-listener-cert-file", Text, "", Yes, "PEM file with the listener's certificate and chain"),
        new("proxy-listener-key-file", Text, "", Yes, "PEM file with the listener's private key"),
        new("proxy-listener-key-password", Text, "", Yes, "password of the listener's private key (environment: PROXY_LISTENER_KEY_PASSWORD)"),
        new("proxy-listener-ca-chain-cert-file", Text, "", Yes, "PEM file of authorities; when set, a client certificate is required and verified"),
        new("proxy-listener-crl-file", Text, "", Refused, "certificate revocation lists"),
        new("proxy-listener-cipher-suites", List, "", Yes, "TLS cipher suites by their IANA names"),
        new("proxy-listener-curve-preferences", List, "", Refused, "curve preferences"),
        new("proxy-listener-tls-required-client-subject", Repeated, "", Yes, "what a client certificate's subject must be: s:/CN=[name]/C=[DE,PL], or r:/CN=[^name-.*$] with regular expressions; one of several rules is enough"),

        new("tls-enable", Bool, "false", Yes, "connect to brokers by TLS"),
        new("tls-refresh", Duration, "0s", Yes, "how often changed TLS files are looked for; 0: never"),
        new("tls-insecure-skip-verify", Bool, "false", Yes, "do not verify the broker's certificate: anyone on the way can read and change everything"),
        new("tls-client-cert-file", Text, "", Yes, "PEM file with the client certificate shown to brokers"),
        new("tls-client-key-file", Text, "", Yes, "PEM file with the private key of that certificate"),
        new("tls-client-key-password", Text, "", Yes, "password of that key (environment: TLS_CLIENT_KEY_PASSWORD)"),
        new("tls-ca-chain-cert-file", Text, "", Yes, "PEM file of the authorities that brokers are verified against; the system's when not given"),
        new("tls-system-cert-pool", Bool, "false", Yes, "trust the system's authorities beside those of tls-ca-chain-cert-file"),
        new("tls-same-client-cert-enable", Bool, "false", Yes, "serve only clients that show the same certificate as tls-client-cert-file"),

        new("kafka-client-id", Text, "kafka-proxy", Yes, "client id of the proxy's own requests"),
        new("kafka-max-open-requests", Number, "256", Yes, "requests of one connection in flight before reading from the client waits"),
        new("kafka-dial-timeout", Duration, "15s", Yes, "how long connecting, TLS and authentication to a broker may take"),
        new("kafka-read-timeout", Duration, "30s", Yes, "how long a broker may stop in the middle of a response"),
        new("kafka-write-timeout", Duration, "30s", Yes, "how long a broker may refuse to take bytes"),
        new("kafka-keep-alive", Duration, "60s", Yes, "TCP keep-alive of broker sockets; 0: off"),
        new("kafka-connection-read-buffer-size", Number, "0", Yes, "receive buffer of broker sockets in bytes; 0: the system's"),
        new("kafka-connection-write-buffer-size", Number, "0", Yes, "send buffer of broker sockets in bytes; 0: the system's"),
        new("kafka-max-frame-size", Number, "536870912", Yes, "largest request or response in bytes; a larger one closes its connection (ours)"),
        new("forbidden-api-keys", List, "", Yes, "request types, by number, that are answered with an authorization error"),
        new("producer-acks-0-disabled", Bool, "false", Yes, "producers never use acks=0: produce requests are not looked into"),

        new("sasl-enable", Bool, "false", Yes, "authenticate to brokers by SASL"),
        new("sasl-username", Text, "", Yes, "user name"),
        new("sasl-password", Text, "", Yes, "password (environment: SASL_PASSWORD)"),
        new("sasl-jaas-config-file", Text, "", Yes, "JAAS file with user name and password; a change is taken once it has authenticated"),
        new("sasl-method", Text, "PLAIN", Yes, "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; GSSAPI and AWS_MSK_IAM are not there"),
        new("sasl-aws-profile", Text, "", Refused, "AWS_MSK_IAM"),
        new("sasl-aws-region", Text, "", Refused, "AWS_MSK_IAM"),
        new("sasl-aws-identity-lookup", Bool, "false", Refused, "AWS_MSK_IAM"),
        new("gssapi-auth-type", Text, "", Refused, "GSSAPI"),
        new("gssapi-disable-pa-fx-fast", Bool, "false", Refused, "GSSAPI"),
        new("gssapi-keytab", Text, "", Refused, "GSSAPI"),
        new("gssapi-krb5", Text, "", Refused, "GSSAPI"),
        new("gssapi-password", Text, "", Refused, "GSSAPI"),
        new("gssapi-realm", Text, "", Refused, "GSSAPI"),
        new("gssapi-servicename", Text, "", Refused, "GSSAPI"),
        new("gssapi-spn-host-mapping", List, "", Refused, "GSSAPI"),
        new("gssapi-username", Text, "", Refused, "GSSAPI"),
        new("sasl-plugin-enable", Bool, "false", Refused, "OAUTHBEARER by a plugin"),
        new("sasl-plugin-command", Text, "", Refused, "OAUTHBEARER by a plugin"),
        new("sasl-plugin-mechanism", Text, "OAUTHBEARER", Refused, "OAUTHBEARER by a plugin"),
        new("sasl-plugin-param", Repeated, "", Refused, "OAUTHBEARER by a plugin"),
        new("sasl-plugin-log-level", Text, "trace", Refused, "OAUTHBEARER by a plugin"),
        new("sasl-plugin-timeout", Duration, "10s", Refused, "OAUTHBEARER by a plugin"),

        new("auth-local-enable", Bool, "false", Refused, "local authentication by a plugin"),
        new("auth-local-command", Text, "", Refused, "local authentication by a plugin"),
        new("auth-local-mechanism", Text, "PLAIN", Refused, "local authentication by a plugin"),
        new("auth-local-param", Repeated, "", Refused, "local authentication by a plugin"),
        new("auth-local-log-level", Text, "trace", Refused, "local authentication by a plugin"),
        new("auth-local-timeout", Duration, "10s", Refused, "local authentication by a plugin"),
        .. Gateway("client"),
        .. Gateway("server"),
        new("forward-proxy", Text, "", Refused, "a SOCKS5 or HTTP proxy on the way to the brokers"),

        new("http-disable", Bool, "false", Yes, "no HTTP endpoints"),
        new("http-listen-address", Text, "0.0.0.0:9080", Yes, "address of the HTTP endpoints"),
        new("http-metrics-path", Text, "/metrics", Yes, "path of the metrics"),
        new("http-health-path", Text, "/health", Yes, "path that answers 200 OK while the process lives"),
        new("http-ready-path", Text, "/ready", Yes, "path that answers 200 while a broker is reached and authenticated, else 503 and the reason (ours)"),
        new("debug-enable", Bool, "false", NoEffect, "Go's profiling endpoint"),
        new("debug-listen-address", Text, "0.0.0.0:6060", NoEffect, "Go's profiling endpoint"),

        new("log-format", Text, "text", Yes, "text or json"),
        new("log-level", Text, "info", Yes, "trace, debug, info, warning, error, fatal or panic"),
        new("log-level-fieldname", Text, "@level", Yes, "name of the level's field in json"),
        new("log-time-fieldname", Text, "@timestamp", Yes, "name of the time's field in json"),
        new("log-msg-fieldname", Text, "@message", Yes, "name of the message's field in json"),

        new("shutdown-quiet-period", Duration, "1s", Yes, "after SIGTERM: how long no client connection may have been open before the proxy ends (ours)"),
        new("shutdown-grace-period", Duration, "25s", Yes, "after SIGTERM: when the proxy ends whatever is open (ours)"),
    ];

    private static ProxyFlag[] Gateway(string side) =>
    [
        new($"auth-gateway-{side}-enable", Bool, "false", Refused, "authentication between proxies by a plugin"),
        new($"auth-gateway-{side}-command", Text, "", Refused, "authentication between proxies by a plugin"),
        new($"auth-gateway-{side}-method", Text, "", Refused, "authentication between proxies by a plugin"),
        new($"auth-gateway-{side}-magic", Number, "0", Refused, "authentication between proxies by a plugin"),
        new($"auth-gateway-{side}-param", Repeated, "", Refused, "authentication between proxies by a plugin"),
        new($"auth-gateway-{side}-log-level", Text, "trace", Refused, "authentication between proxies by a plugin"),
        new($"auth-gateway-{side}-timeout", Duration, "10s", Refused, "authentication between proxies by a plugin"),
    ];
}
