using Switchback.LocalKubernetes.Network;

namespace Switchback.LocalKubernetes.Tests.Network;

public sealed class TextTests
{
    private static readonly Dictionary<int, int> Ports = new() { [32400] = 21000, [9080] = 21001, [8080] = 21002 };
    private static readonly Dictionary<string, string> Paths = new() { ["/config"] = "/var/pod/0", ["/config/deep"] = "/var/pod/1" };

    [Theory]
    [InlineData("bootstrap.servers=localhost:32400", "bootstrap.servers=localhost:21000")]
    [InlineData("--bootstrap-server-mapping=north:19092,127.0.0.1:32400", "--bootstrap-server-mapping=north:19092,127.0.0.1:21000")]
    [InlineData("0.0.0.0:9080", "0.0.0.0:21001")]
    [InlineData(":9080", ":21001")]
    [InlineData("--listen=:9080", "--listen=:21001")]
    [InlineData("http://[::]:8080/x", "http://[::]:21002/x")]
    [InlineData("http://+:8080", "http://+:21002")]
    [InlineData("127.0.0.1:19092", "127.0.0.1:19092")]
    [InlineData("north.example:8080", "north.example:8080")]
    [InlineData("10.127.0.0.1:8080", "10.127.0.0.1:8080")]
    [InlineData("{\"port\":8080}", "{\"port\":8080}")]
    [InlineData("localhost:80800", "localhost:80800")]
    [InlineData("12:9080", "12:9080")]
    public void Only_the_pod_s_own_ports_after_names_of_this_machine_are_replaced(string text, string expected) =>
        Assert.Equal(expected, PortText.Replace(text, Ports));

    [Theory]
    [InlineData("--tls-ca=/config/ca.pem", "--tls-ca=/var/pod/0/ca.pem")]
    [InlineData("/config", "/var/pod/0")]
    [InlineData("cat /config/deep/x /config/x", "cat /var/pod/1/x /var/pod/0/x")]
    [InlineData("ssl.truststore.location=/config/ca.pem\n", "ssl.truststore.location=/var/pod/0/ca.pem\n")]
    [InlineData("/etc/config/x", "/etc/config/x")]
    [InlineData("/configuration /config-map /config.d", "/configuration /config-map /config.d")]
    public void Only_whole_mount_paths_are_replaced(string text, string expected) => Assert.Equal(expected, PathText.Replace(text, Paths));
}
