using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node;
using Switchback.LocalKubernetes.Node.Images;
using Switchback.LocalKubernetes.Node.Logs;
using Switchback.LocalKubernetes.Node.Volumes;
using Switchback.LocalKubernetes.Store;
using YamlDotNet.RepresentationModel;

namespace Switchback.LocalKubernetes.Tests.Node;

/// <summary>A node on a store in memory, with a catalogue of shell containers.</summary>
internal sealed class NodeFixture : IAsyncDisposable
{
    public const string Shared = "shared";
    public const string Namespaces = "namespaces";

    private readonly TemporaryDirectory _directory = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private NodeFixture(INodeNetwork network, ObjectStore? store)
    {
        Network = network;
        Store = store ?? NewStore();
        Agent = new NodeAgent(Store, network, new NodeAgentOptions
        {
            Directory = _directory.Path,
            Catalogue = Catalogue(),
            Tokens = new FixedToken(),
            ApiServerPort = 6443,
            RestartBackOff = TimeSpan.FromMilliseconds(200),
        }, NullLogger.Instance);
    }

    public ObjectStore Store { get; }

    public NodeAgent Agent { get; }

    public INodeNetwork Network { get; }

    public string DataDirectory => _directory.Path;

    public static async Task<NodeFixture> StartAsync(string mode = Shared, ObjectStore? store = null)
    {
        Assert.SkipUnless(mode == Shared || Environment.IsPrivilegedProcess, "network namespaces need root");
        var node = new NodeFixture(await NodeNetwork.CreateAsync(mode, Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), TestContext.Current.CancellationToken), store);
        node._running = node.Agent.RunAsync(node._stop.Token);
        return node;
    }

    public static ObjectStore NewStore()
    {
        var store = new ObjectStore(null);
        store.Create(ResourceTypes.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } });
        return store;
    }

    public static ImageCatalogue Catalogue() => ImageCatalogue.Create("/nowhere", new Dictionary<string, Image>
    {
        ["sh"] = new() { Entrypoint = ["/bin/sh", "-c"] },
        ["cat"] = new() { Entrypoint = ["/bin/cat"], Arguments = ["/config/default"] },
        ["python"] = new() { Entrypoint = ["/usr/bin/env", "python3", "-u", "-c"], Ports = [new ImagePort(8080, "HTTP_PORT", null)] },
    });

    /// <summary>Creates an object from YAML, in the namespace <c>default</c>.</summary>
    public JsonObject Create(ResourceType type, string yaml)
    {
        var item = FromYaml(yaml);
        item.Ensure("metadata")["namespace"] ??= "default";
        return Store.Create(type, item);
    }

    public JsonObject CreatePod(string name, string spec) =>
        Create(ResourceTypes.Pod, $"metadata: {{ name: {name}, labels: {{ app: {name} }} }}\nspec:\n{Indent(spec)}");

    public JsonObject Pod(string name) => Store.Get(ResourceTypes.Pod, "default", name);

    public JsonObject? Container(string name, int index = 0) => Store.Find(ResourceTypes.Pod, "default", name)?.Items("status", "containerStatuses").ElementAtOrDefault(index);

    public bool IsReady(string name) => Condition(name, "Ready") == "True";

    public string? Condition(string name, string type) =>
        Store.Find(ResourceTypes.Pod, "default", name)?.Items("status", "conditions").FirstOrDefault(one => one.Text("type") == type)?.Text("status");

    public IReadOnlyList<string> Events(string reason) =>
        [.. Store.List(ResourceTypes.Event, "default").Where(item => item.Text("reason") == reason).Select(item => item.Text("message") ?? "")];

    public async Task<string> LogAsync(string pod, string? container = null, bool previous = false, bool follow = false)
    {
        var item = Pod(pod);
        var log = Agent.Logs.Find(item.Uid(), container ?? item.Items("spec", "containers").First().Text("name")!, previous);
        using var text = new MemoryStream();
        if (log is not null)
        {
            await log.CopyToAsync(text, new LogReadOptions { Follow = follow }, TestContext.Current.CancellationToken);
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }

    public Task PhaseAsync(string pod, string phase) =>
        Eventually.HoldsAsync(() => Store.Find(ResourceTypes.Pod, "default", pod)?.Text("status", "phase") == phase, $"{pod} is {phase}");

    public Task LogHasAsync(string pod, string text, string? container = null) =>
        Eventually.HoldsAsync(async () => (await LogAsync(pod, container)).Contains(text, StringComparison.Ordinal), $"the log of {pod} has {text}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Network.DisposeAsync();
        _stop.Dispose();
        _directory.Dispose();
    }

    private static string Indent(string text) => string.Join('\n', text.Split('\n').Select(line => "  " + line));

    private static JsonObject FromYaml(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return (JsonObject)ToJson(stream.Documents[0].RootNode)!;
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(pair.Key.ToString(), ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } scalar when long.TryParse(scalar.Value, out var number) => number,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } scalar when bool.TryParse(scalar.Value, out var flag) => flag,
        _ => node.ToString(),
    };

    private sealed class FixedToken : IServiceAccountTokens
    {
        public string Issue(JsonObject pod, string? audience, long expirationSeconds) => $"token-of-{pod.Name()}";
    }
}
