using System.Collections.Concurrent;
using System.Text;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Operations;

/// <summary>In a failover by ConfigMap the JAAS file changes to the next cluster's credentials while the process still serves the present one.</summary>
public sealed class JaasFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("proxy-jaas-");
    private readonly ConcurrentQueue<string> _logins = [];

    public void Dispose() => _directory.Delete(recursive: true);

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private static string Jaas(string user, string password) =>
        $"KafkaServer {{\n  org.apache.kafka.common.security.plain.PlainLoginModule required\n  username=\"{user}\"\n  password=\"{password}\"\n }};\n";

    /// <summary>A broker that lets in who gives these, separated by a colon each.</summary>
    private ScriptedBroker Broker(params string[] accepted) => new()
    {
        Answer = request =>
        {
            if (request.ApiKey != SaslAuthenticateRequest.ApiKey)
            {
                return null;
            }

            var reader = new WireReader(request.Frame);
            KafkaFrame.ReadRequestHeader(ref reader, request.Frame);
            var login = Encoding.UTF8.GetString(SaslAuthenticateRequest.Read(ref reader, request.Version).AuthBytes.Span).Trim('\0').Replace('\0', ':');
            _logins.Enqueue(login);
            return accepted.Contains(login) ? null : new SaslAuthenticateResponse { ErrorCode = KafkaError.SaslAuthenticationFailed, ErrorMessage = "Invalid username or password" };
        },
    };

    private static Task<TestProxy> StartAsync(ScriptedBroker broker, string file) =>
        TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--sasl-enable", $"--sasl-jaas-config-file={file}");

    private static async Task AskAsync(TestProxy proxy)
    {
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
    }

    [Fact]
    public async Task CredentialsOfTheNextClusterAreNotTakenByTheProxyOfThePresentOne()
    {
        await using var north = Broker("north:of-north", "north:of-north-anew");
        await using var west = Broker("west:canary-of-west");
        var file = PathOf("jaas.config");
        await File.WriteAllTextAsync(file, Jaas("north", "of-north"), TestContext.Current.CancellationToken);
        await using var proxy = await StartAsync(north, file);
        using var before = await TestClient.ConnectAsync(proxy.Port);
        await before.AskAsync(new MetadataRequest { Topics = [] }, 9);

        await File.WriteAllTextAsync(file, Jaas("west", "canary-of-west"), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("is not taken, the previous credentials stay: authentication failed"), "kept, with the reason");
        _logins.Clear();
        await AskAsync(proxy);
        await before.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.Contains("north:of-north", _logins);
        Assert.Equal(200, (await proxy.GetAsync("/ready")).Status);

        // The next pod reads the same file and serves the next cluster.
        await using (var next = await StartAsync(west, file))
        {
            await AskAsync(next);
            Assert.DoesNotContain("canary", next.Log);
        }

        // Back, with a password that was changed meanwhile: that one authenticates, and is used from then on.
        await File.WriteAllTextAsync(file, Jaas("north", "of-north-anew"), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("authenticates: taken"), "taken");
        _logins.Clear();
        await AskAsync(proxy);
        Assert.Contains("north:of-north-anew", _logins);
        Assert.DoesNotContain("north:of-north", _logins);
        Assert.Equal(1, proxy.Log.Split("is not taken").Length - 1);
        Assert.DoesNotContain("canary", proxy.Log);
        Assert.DoesNotContain("canary", (await proxy.GetAsync("/metrics")).Text);
    }

    [Fact]
    public async Task ABadFileKeepsWhatWasAndSaysSoOnceWithoutTheSecret()
    {
        await using var broker = Broker("u:p");
        var file = PathOf("jaas.config");
        await File.WriteAllTextAsync(file, Jaas("u", "p"), TestContext.Current.CancellationToken);
        await using var proxy = await StartAsync(broker, file);
        await AskAsync(proxy);
        await File.WriteAllTextAsync(file, "KafkaServer { m required username=\"u\" password=\"canary; };", TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("is not taken"), "kept");
        await AskAsync(proxy);
        File.Delete(file);
        await Eventually.HoldsAsync(() => proxy.Log.Split("is not taken").Length == 3, "kept again, for another reason");
        await AskAsync(proxy);
        Assert.DoesNotContain("canary", proxy.Log);
    }

    [Fact]
    public async Task AFileThatKubernetesSwapsBehindItsLinksIsSeen()
    {
        // A mounted ConfigMap: jaas.config -> ..data/jaas.config, ..data -> ..1, and a change renames another ..data over it.
        foreach (var (revision, password) in new[] { ("..1", "old"), ("..2", "new") })
        {
            Directory.CreateDirectory(PathOf(revision));
            await File.WriteAllTextAsync(Path.Combine(PathOf(revision), "jaas.config"), Jaas("u", password), TestContext.Current.CancellationToken);
        }

        File.CreateSymbolicLink(PathOf("..data"), "..1");
        File.CreateSymbolicLink(PathOf("jaas.config"), "..data/jaas.config");
        await using var broker = Broker("u:old", "u:new");
        await using var proxy = await StartAsync(broker, PathOf("jaas.config"));
        await AskAsync(proxy);
        Assert.DoesNotContain("u:new", _logins);
        File.CreateSymbolicLink(PathOf("..data_tmp"), "..2");
        Assert.Equal(0, (await Tool.RunAsync("mv", ["-T", PathOf("..data_tmp"), PathOf("..data")])).ExitCode);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("authenticates: taken"), "taken");
        _logins.Clear();
        await AskAsync(proxy);
        Assert.Contains("u:new", _logins);
    }
}
