using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>The cases that stakater/Reloader's tests play with each kind of workload: what rolls it, and what leaves it alone.</summary>
public abstract class WorkloadCases(Target target) : ClusterTest(target)
{
    private const string Auto = """{"reloader.stakater.com/auto": "true"}""";

    /// <summary>How a pod's specification takes the ConfigMap <c>config</c>, and the Secret <c>key</c>.</summary>
    private static readonly Dictionary<string, (string Pod, string Container)> ConfigMapUses = new()
    {
        ["volume"] = ("""{"volumes": [{"name": "v", "configMap": {"name": "config"} }]}""", """{"volumeMounts": [{"name": "v", "mountPath": "/v"}]}"""),
        ["projected"] = (
            """{"volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "config"} }]} }]}""", """{"volumeMounts": [{"name": "v", "mountPath": "/v"}]}"""),
        ["env-from"] = ("{}", """{"envFrom": [{"configMapRef": {"name": "config"} }]}"""),
        ["value-from"] = ("{}", """{"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "config", "key": "key"} } }]}"""),
        ["init-container"] = ("""{"initContainers": [{"name": "first", "image": "app", "envFrom": [{"configMapRef": {"name": "config"} }]}]}""", "{}"),
        ["second-container"] = ("""{"containers": [{}, {"name": "second", "image": "app", "envFrom": [{"configMapRef": {"name": "config"} }]}]}""", "{}"),
    };

    private static readonly Dictionary<string, (string Pod, string Container)> SecretUses = new()
    {
        ["volume"] = ("""{"volumes": [{"name": "v", "secret": {"secretName": "key"} }]}""", """{"volumeMounts": [{"name": "v", "mountPath": "/v"}]}"""),
        ["projected"] = (
            """{"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "key"} }]} }]}""", """{"volumeMounts": [{"name": "v", "mountPath": "/v"}]}"""),
        ["env-from"] = ("{}", """{"envFrom": [{"secretRef": {"name": "key"} }]}"""),
        ["value-from"] = ("{}", """{"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "key", "key": "key"} } }]}"""),
        ["init-container"] = ("""{"initContainers": [{"name": "first", "image": "app", "envFrom": [{"secretRef": {"name": "key"} }]}]}""", "{}"),
    };

    public static TheoryData<string> Kinds => ["Deployment", "StatefulSet", "DaemonSet"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task However_a_ConfigMap_or_a_Secret_is_used_a_change_rolls(string kind)
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Secrets, Given.Secret("key", "north"));
        foreach (var (use, (pod, container)) in ConfigMapUses)
        {
            await PutAsync(kind, Using($"config-{use}", kind, pod, container));
        }

        foreach (var (use, (pod, container)) in SecretUses)
        {
            await PutAsync(kind, Using($"secret-{use}", kind, pod, container));
        }

        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        foreach (var name in Names())
        {
            await RememberedAsync(name, Resource(kind));
        }

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
        await Api.PutAsync(ResourceNames.Secrets, Given.Secret("key", "west"));

        foreach (var name in Names())
        {
            await RolledAsync(name, revision: 2, Resource(kind));
        }

        await NothingMoreAsync(reloader);
        foreach (var name in Names())
        {
            Assert.Equal((name, 2), (name, await RevisionAsync(name, Resource(kind))));
        }

        static IEnumerable<string> Names() => ConfigMapUses.Keys.Select(use => $"config-{use}").Concat(SecretUses.Keys.Select(use => $"secret-{use}"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_way_to_ask_for_it_rolls_and_what_does_not_ask_is_left_alone(string kind)
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north", """{"reloader.stakater.com/match": "true"}"""));
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("ignored", "north", """{"reloader.stakater.com/ignore": "true"}"""));
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("unmatched", "north"));
        var asking = new Dictionary<string, string>
        {
            ["auto"] = Auto,
            ["typed"] = """{"configmap.reloader.stakater.com/auto": "true"}""",
            ["named"] = Given.Named("other,config"),
            ["by-pattern"] = Given.Named("con.*"),
            ["named-without-auto"] = """{"configmap.reloader.stakater.com/reload": "config", "reloader.stakater.com/auto": "false"}""",
            ["searching"] = """{"reloader.stakater.com/search": "true"}""",
        };
        var silent = new Dictionary<string, string>
        {
            ["nothing"] = "{}",
            ["not-auto"] = """{"reloader.stakater.com/auto": "false"}""",
            ["other-type"] = """{"secret.reloader.stakater.com/auto": "true"}""",
            ["half-a-name"] = Given.Named("conf"),
            ["excluding"] = """{"reloader.stakater.com/auto": "true", "configmaps.exclude.reloader.stakater.com/reload": "config"}""",
        };
        foreach (var (name, annotations) in asking.Concat(silent))
        {
            await PutAsync(kind, Given.Workload(name, annotations, kind));
        }

        await PutAsync(kind, Given.Workload("using-ignored", Auto, kind, config: "ignored"));
        await PutAsync(kind, Given.Workload("searching-unmatched", asking["searching"], kind, config: "unmatched"));
        var onTemplate = Given.Workload("on-template", "{}", kind);
        onTemplate.Ensure("spec", "template", "metadata")["annotations"] = Given.Manifest(Auto);
        await PutAsync(kind, onTemplate);
        var unused = Given.Workload("named-unused", Given.Named("config"), kind);
        unused.Items("spec", "template", "spec", "containers").Single().Remove("envFrom");
        await PutAsync(kind, unused);
        string[] rolling = [.. asking.Keys, "on-template", "named-unused"];
        string[] staying = [.. silent.Keys, "using-ignored", "searching-unmatched"];
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        foreach (var name in rolling)
        {
            await RememberedAsync(name, Resource(kind));
        }

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("ignored", "west", """{"reloader.stakater.com/ignore": "true"}"""));
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("unmatched", "west"));
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west", """{"reloader.stakater.com/match": "true"}"""));

        foreach (var name in rolling)
        {
            await RolledAsync(name, revision: 2, Resource(kind));
        }

        await NothingMoreAsync(reloader);
        foreach (var name in rolling)
        {
            Assert.Equal((name, 2), (name, await RevisionAsync(name, Resource(kind))));
        }

        foreach (var name in staying)
        {
            Assert.Equal((name, 1), (name, await RevisionAsync(name, Resource(kind))));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Changes_one_after_the_other_roll_each_time_and_the_same_again_does_not(string kind)
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "v1"));
        await PutAsync(kind, Given.Workload("web", Given.Named("config"), kind));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await RememberedAsync("web", Resource(kind));

        foreach (var (value, revision) in new[] { ("v2", 2), ("v3", 3), ("v1", 4) })
        {
            await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", value));
            await RolledAsync("web", revision, Resource(kind));
            Assert.Equal(Hash($"key={value}"), (await FindAsync("web", Resource(kind))).Variable(Variable));
        }

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "v1", """{"note": "only this is new"}"""));
        await NothingMoreAsync(reloader);
        Assert.Equal(4, await RevisionAsync("web", Resource(kind)));
    }

    private static ResourceName Resource(string kind) => kind switch
    {
        "StatefulSet" => ResourceNames.StatefulSets,
        "DaemonSet" => ResourceNames.DaemonSets,
        _ => ResourceNames.Deployments,
    };

    private static JsonObject Using(string name, string kind, string pod, string container)
    {
        var workload = Given.Workload(name, Auto, kind);
        var app = workload.Items("spec", "template", "spec", "containers").Single();
        app.Remove("envFrom");
        foreach (var (field, value) in Given.Manifest(container))
        {
            app[field] = value?.DeepClone();
        }

        var spec = workload.Ensure("spec", "template", "spec");
        foreach (var (field, value) in Given.Manifest(pod))
        {
            if (field == "containers")
            {
                spec[field]!.AsArray().Add(value![1]!.DeepClone());
            }
            else
            {
                spec[field] = value?.DeepClone();
            }
        }

        return workload;
    }

    private Task PutAsync(string kind, JsonObject workload) => Api.PutAsync(Resource(kind), workload);
}

/// <summary>The cases of each kind on an API server of the tests' own.</summary>
public sealed class WorkloadsOnOwnServer() : WorkloadCases(Target.Own);

/// <summary>The cases of each kind on a whole Kubernetes.</summary>
[Trait("Suite", "Kubernetes")]
public sealed class WorkloadsOnKubernetes() : WorkloadCases(Target.Kubernetes);
