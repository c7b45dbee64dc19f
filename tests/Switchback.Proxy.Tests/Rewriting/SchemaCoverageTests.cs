using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Rewriting;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Rewriting;

public sealed class SchemaCoverageTests
{
    /// <summary>Addresses in these are those of applications (KIP-1071: what streams applications tell each other), not of brokers.</summary>
    private static readonly string[] ApplicationAddresses = ["StreamsGroupHeartbeat", "StreamsGroupDescribe"];

    public static TheoryData<string> ResponsesWithAddresses => [.. ApiTable.All.Select(api => api.Name).Where(CarriesAddress)];

    [Theory]
    [MemberData(nameof(ResponsesWithAddresses))]
    public void EveryResponseThatCarriesAnAddressIsRewritten(string name)
    {
        if (ApplicationAddresses.Contains(name))
        {
            return;
        }

        var api = ApiTable.All.Single(api => api.Name == name);
        var isTail = ResponseType(name).GetProperty("NodeEndpoints") is not null;
        if (!isTail)
        {
            Assert.True(ResponseRewriter.Rewrites(api.Key), $"{name} carries an address and is not rewritten");
            return;
        }

        for (var version = api.LowestVersion; version <= api.HighestVersion; version++)
        {
            Assert.Equal(HasEndpoints(name, version), TailLayout.Of(api.Key, version) is not null);
        }
    }

    /// <summary>Fields that may hold an address under another name than host and port, with why they do not need to be looked at.</summary>
    private static readonly string[] Harmless =
    [
        "ClientHost", // where a client connected from: for all who come through it, the proxy itself
        "AclDescription.Host", // from where a rule allows or forbids, as whoever wrote the rule said it
        "DeleteAclsMatchingAcl.Host",
    ];

    /// <summary>A field of text that sounds like an address is one of those that are rewritten, or a known harmless one: a new one of either kind fails here until somebody has decided.</summary>
    [Fact]
    public void NoFieldThatSoundsLikeAnAddressIsForgotten()
    {
        string[] sounds = ["host", "address", "endpoint", "listener", "url", "uri", "server", "voters"];
        var forgotten = ApiTable.All
            .Where(api => !ResponseRewriter.Rewrites(api.Key) && !ApplicationAddresses.Contains(api.Name))
            .SelectMany(api => Filled.TypesBelow(ResponseType(api.Name)).Distinct().SelectMany(type => type.GetProperties().Select(property => (Api: api.Name, Type: type, Property: property))))
            .Where(field => field.Property.PropertyType == typeof(string) || field.Property.PropertyType == typeof(List<string>))
            .Where(field => sounds.Any(sound => field.Property.Name.Contains(sound, StringComparison.OrdinalIgnoreCase)))
            .Where(field => !Harmless.Contains(field.Property.Name) && !Harmless.Contains($"{field.Type.Name}.{field.Property.Name}"))
            .Where(field => field.Property.Name != "Host" || field.Type.GetProperty("Port") is null)
            .Select(field => $"{field.Api}: {field.Type.Name}.{field.Property.Name}")
            .ToList();
        Assert.Empty(forgotten);
    }

    [Fact]
    public void TheKnownOnesAreFound()
    {
        string[] expected = ["Produce", "Fetch", "Metadata", "FindCoordinator", "DescribeCluster", "ShareFetch", "ShareAcknowledge"];
        Assert.Subset(ApiTable.All.Select(api => api.Name).Where(CarriesAddress).ToHashSet(), expected.ToHashSet());
    }

    internal static Type ResponseType(string name) => typeof(MetadataResponse).Assembly.GetType($"Switchback.Kafka.Messages.{name}Response", throwOnError: true)!;

    private static bool CarriesAddress(string name) =>
        Filled.TypesBelow(ResponseType(name)).Any(type => type.GetProperty("Host") is not null && type.GetProperty("Port") is not null);

    /// <summary>Whether the endpoints make a difference to the bytes at this version.</summary>
    private static bool HasEndpoints(string name, short version)
    {
        using var with = new Kafka.Wire.WireWriter();
        using var without = new Kafka.Wire.WireWriter();
        var message = (IKafkaMessage)Activator.CreateInstance(ResponseType(name))!;
        message.Write(without, version);
        var endpoints = ResponseType(name).GetProperty("NodeEndpoints")!;
        var element = endpoints.PropertyType.GenericTypeArguments[0];
        ((System.Collections.IList)endpoints.GetValue(message)!).Add(Filled.Fill(Activator.CreateInstance(element)!, flexible: false));
        try
        {
            message.Write(with, version);
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        return !with.Written.Span.SequenceEqual(without.Written.Span);
    }
}
