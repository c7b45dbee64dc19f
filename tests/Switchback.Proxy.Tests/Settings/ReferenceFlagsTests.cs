using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Tests.Settings;

/// <summary>The flags that grepplabs/kafka-proxy 0.4.3 has for what we took on to follow, with its defaults: every one is known here under the same name, and followed or without effect.</summary>
public sealed class ReferenceFlagsTests
{
    [Theory]
    [InlineData("", "bootstrap-server-mapping external-server-mapping dial-address-mapping dynamic-advertised-listener proxy-listener-cert-file proxy-listener-key-file proxy-listener-key-password")]
    [InlineData("", "proxy-listener-ca-chain-cert-file proxy-listener-cipher-suites proxy-listener-tls-required-client-subject tls-client-cert-file tls-client-key-file tls-client-key-password")]
    [InlineData("", "tls-ca-chain-cert-file forbidden-api-keys sasl-username sasl-password sasl-jaas-config-file")]
    [InlineData("false", "dynamic-listeners-disable deterministic-listeners proxy-listener-tls-enable tls-enable tls-insecure-skip-verify tls-system-cert-pool tls-same-client-cert-enable")]
    [InlineData("false", "producer-acks-0-disabled sasl-enable http-disable debug-enable")]
    [InlineData("0", "dynamic-sequential-min-port dynamic-sequential-max-ports proxy-listener-read-buffer-size proxy-listener-write-buffer-size kafka-connection-read-buffer-size kafka-connection-write-buffer-size")]
    [InlineData("4096", "proxy-request-buffer-size proxy-response-buffer-size")]
    [InlineData("60s", "proxy-listener-keep-alive kafka-keep-alive")]
    [InlineData("30s", "kafka-read-timeout kafka-write-timeout")]
    [InlineData("15s", "kafka-dial-timeout")]
    [InlineData("0s", "proxy-listener-tls-refresh tls-refresh")]
    [InlineData("0.0.0.0", "default-listener-ip")]
    [InlineData("kafka-proxy", "kafka-client-id")]
    [InlineData("256", "kafka-max-open-requests")]
    [InlineData("PLAIN", "sasl-method")]
    [InlineData("0.0.0.0:9080", "http-listen-address")]
    [InlineData("/metrics", "http-metrics-path")]
    [InlineData("/health", "http-health-path")]
    [InlineData("text", "log-format")]
    [InlineData("info", "log-level")]
    public void AFlagThatIsFollowedHasItsDefault(string value, string names)
    {
        foreach (var name in names.Split(' '))
        {
            var flag = Assert.Single(ProxyFlags.All, flag => flag.Name == name);
            Assert.Equal((name, value), (flag.Name, flag.Default));
            Assert.NotEqual(ProxyFlagSupport.Refused, flag.Support);
        }
    }

    [Theory]
    [InlineData("proxy-listener-crl-file proxy-listener-curve-preferences forward-proxy")]
    [InlineData("sasl-plugin-enable sasl-plugin-command sasl-plugin-mechanism sasl-plugin-param sasl-plugin-log-level sasl-plugin-timeout")]
    [InlineData("auth-local-enable auth-local-command auth-local-mechanism auth-local-param auth-local-log-level auth-local-timeout")]
    [InlineData("auth-gateway-client-enable auth-gateway-client-command auth-gateway-client-method auth-gateway-client-magic auth-gateway-client-param auth-gateway-client-log-level auth-gateway-client-timeout")]
    [InlineData("auth-gateway-server-enable auth-gateway-server-command auth-gateway-server-method auth-gateway-server-magic auth-gateway-server-param auth-gateway-server-log-level auth-gateway-server-timeout")]
    public void AFlagForWhatIsNotThereIsKnownAndRefused(string names)
    {
        foreach (var name in names.Split(' '))
        {
            Assert.Equal(ProxyFlagSupport.Refused, Assert.Single(ProxyFlags.All, flag => flag.Name == name).Support);
        }
    }

    [Fact]
    public void WhereNamesOfFieldsAndTheDebugAddressAreGivenTheyAreKnown() =>
        Assert.Subset(ProxyFlags.All.Select(flag => flag.Name).ToHashSet(), new HashSet<string> { "debug-listen-address", "log-level-fieldname", "log-time-fieldname", "log-msg-fieldname" });
}
