using Switchback.Proxy.Settings;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Settings;

public sealed class MappingTests
{
    private static (ProxySettings? Settings, IReadOnlyList<string> Errors) Read(string[] arguments, Dictionary<string, string>? environment = null)
    {
        var settings = ProxySettings.Read(TestProxy.Flags(arguments), name => environment?.GetValueOrDefault(name), out var errors);
        return (settings, errors);
    }

    [Fact]
    public void TwoPartsAdvertiseTheListener()
    {
        var mapping = Read(["--bootstrap-server-mapping=broker:9092,127.0.0.1:32400"]).Settings!.Bootstrap.Single();
        Assert.Equal(new HostPort("broker", 9092), mapping.Remotes.Single());
        Assert.Equal(new HostPort("127.0.0.1", 32400), mapping.Listen);
        Assert.Equal(mapping.Listen, mapping.Advertised);
    }

    [Fact]
    public void ThreePartsAdvertiseTheThird()
    {
        var mapping = Read(["--bootstrap-server-mapping=dc1_broker1:19092,0.0.0.0:30001,localhost:30001"]).Settings!.Bootstrap.Single();
        Assert.Equal(new HostPort("dc1_broker1", 19092), mapping.Remotes.Single());
        Assert.Equal(new HostPort("localhost", 30001), mapping.Advertised);
    }

    [Fact]
    public void SeveralRemotesOfOneMappingAreKeptInOrder()
    {
        var mapping = Read(["--bootstrap-server-mapping=a:1;b:2;[::1]:3,127.0.0.1:32400"]).Settings!.Bootstrap.Single();
        Assert.Equal([new HostPort("a", 1), new HostPort("b", 2), new HostPort("::1", 3)], mapping.Remotes);
    }

    [Theory]
    [InlineData("broker:9092")]
    [InlineData("broker:9092,l:1,a:1,x:1")]
    [InlineData("broker,127.0.0.1:32400")]
    [InlineData("broker:70000,127.0.0.1:32400")]
    [InlineData(":9092,127.0.0.1:32400")]
    [InlineData("broker:-1,127.0.0.1:32400")]
    public void WhatIsNoMappingIsAnErrorThatNamesTheFlag(string mapping)
    {
        var (settings, errors) = Read([$"--bootstrap-server-mapping={mapping}"]);
        Assert.Null(settings);
        Assert.All(errors, error => Assert.StartsWith("--bootstrap-server-mapping", error));
    }

    [Fact]
    public void TheEnvironmentIsReadWhereTheFlagIsNotGiven()
    {
        var environment = new Dictionary<string, string>
        {
            ["BOOTSTRAP_SERVER_MAPPING"] = " a:1,127.0.0.1:2\n b:1,127.0.0.1:3 ",
            ["EXTERNAL_SERVER_MAPPING"] = "c:1,d:2",
            ["DIAL_ADDRESS_MAPPING"] = "e:1,f:2 g:1,h:2",
        };
        var settings = Read([], environment).Settings!;
        Assert.Equal(2, settings.Bootstrap.Count);
        Assert.Equal(new HostPort("d", 2), settings.External[new HostPort("c", 1)]);
        Assert.Equal(new HostPort("h", 2), settings.DialInstead[new HostPort("g", 1)]);

        // One flag does not hide the other two variables.
        settings = Read(["--bootstrap-server-mapping=z:1,127.0.0.1:2"], environment).Settings!;
        Assert.Equal(new HostPort("z", 1), settings.Bootstrap.Single().Remotes[0]);
        Assert.Single(settings.External);
        Assert.Equal(2, settings.DialInstead.Count);
    }

    [Fact]
    public void IdenticalDuplicatesAreOneAndConflictsAreErrors()
    {
        Assert.Single(Read(["--bootstrap-server-mapping=a:1,127.0.0.1:2", "--bootstrap-server-mapping=a:1,127.0.0.1:2"]).Settings!.Bootstrap);
        Assert.Contains("a:1 is mapped to", Read(["--bootstrap-server-mapping=a:1,127.0.0.1:2", "--bootstrap-server-mapping=a:1,127.0.0.1:3"]).Errors.Single());
        Assert.Contains("both listen on", Read(["--bootstrap-server-mapping=a:1,127.0.0.1:2", "--bootstrap-server-mapping=b:1,127.0.0.1:2"]).Errors.Single());
        Assert.Contains("c:1 is mapped to", Read(["--bootstrap-server-mapping=a:1,127.0.0.1:2", "--external-server-mapping=c:1,d:1", "--external-server-mapping=c:1,d:2"]).Errors.Single());
    }

    [Fact]
    public void EveryErrorIsListedAtOnce()
    {
        var (settings, errors) = Read(
        [
            "--kafka-dial-timeout=fast", "--kafka-max-open-requests=0", "--default-listener-ip=here", "--sasl-enable", "--sasl-method=GSSAPI", "--forward-proxy=socks5://x:1",
            "--deterministic-listeners", "--log-format=xml", "--forbidden-api-keys=20,x", "--tls-ca-chain-cert-file=/nonexistent/ca.pem", "--proxy-listener-tls-enable",
        ]);
        Assert.Null(settings);
        foreach (var flag in new[]
        {
            "--bootstrap-server-mapping", "--kafka-dial-timeout", "--kafka-max-open-requests", "--default-listener-ip", "--sasl-method", "--sasl-enable", "--forward-proxy",
            "--deterministic-listeners", "--log-format", "--forbidden-api-keys", "--tls-ca-chain-cert-file", "--proxy-listener-tls-enable",
        })
        {
            Assert.Single(errors, error => error.StartsWith(flag + ":", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("dynamic-sequential-max-ports=5")]
    [InlineData("deterministic-listeners")]
    public void PortIntervalsNeedAMinimum(string flag) =>
        Assert.Contains("needs --dynamic-sequential-min-port", Read(["--bootstrap-server-mapping=a:1,127.0.0.1:2", $"--{flag}"]).Errors.Single());

    [Fact]
    public void SecretsComeFromTheEnvironment()
    {
        var arguments = new[] { "--bootstrap-server-mapping=a:1,127.0.0.1:2", "--sasl-enable", "--sasl-username=me" };
        Assert.Contains("--sasl-enable: needs", Read(arguments).Errors.Single());
        var sasl = Read(arguments, new() { ["SASL_PASSWORD"] = "hidden" }).Settings!.Sasl!;
        Assert.Equal("hidden", sasl.Credentials.Password);
        Assert.DoesNotContain("hidden", sasl.ToString());
    }

    [Fact]
    public void EveryRefusedFlagIsAnsweredByItsOwnLine()
    {
        foreach (var flag in ProxyFlags.All.Where(flag => flag.Support == ProxyFlagSupport.Refused))
        {
            var value = flag.Kind switch { ProxyFlagKind.Bool => "true", ProxyFlagKind.Duration => "77s", ProxyFlagKind.Number => "77", _ => "something" };
            var errors = Read(["--bootstrap-server-mapping=a:1,127.0.0.1:2", $"--{flag.Name}={value}"]).Errors;
            Assert.StartsWith($"--{flag.Name}:", Assert.Single(errors));
        }
    }
}
