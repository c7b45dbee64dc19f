using Switchback.Broker.Configuration;
using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DescribeConfigs 1-4 for topics and brokers. Left out: synonyms beyond the default, documentation, loggers, client metrics and groups.</summary>
internal sealed class DescribeConfigsHandler(Cluster cluster) : RequestHandler<DescribeConfigsRequest, DescribeConfigsResponse>
{
    private const sbyte TopicResource = 2;
    private const sbyte BrokerResource = 4;
    private const sbyte TopicSource = 1;
    private const sbyte StaticBrokerSource = 4;
    private const sbyte DefaultSource = 5;

    protected override ValueTask<DescribeConfigsResponse?> HandleAsync(DescribeConfigsRequest request, RequestContext context)
    {
        var response = new DescribeConfigsResponse();
        foreach (var asked in request.Resources)
        {
            var result = new DescribeConfigsResponse.DescribeConfigsResult { ResourceType = asked.ResourceType, ResourceName = asked.ResourceName };
            switch (asked.ResourceType)
            {
                case TopicResource:
                    DescribeTopic(asked, result, request.IncludeSynonyms);
                    break;
                case BrokerResource:
                    DescribeBroker(asked, result);
                    break;
                default:
                    (result.ErrorCode, result.ErrorMessage) = (KafkaError.InvalidRequest, $"Resource type {asked.ResourceType} has no configuration here.");
                    break;
            }

            response.Results.Add(result);
        }

        return new(response);
    }

    private static bool Wanted(DescribeConfigsRequest.DescribeConfigsResource asked, string key) =>
        asked.ConfigurationKeys is not { Count: > 0 } keys || keys.Contains(key);

    private void DescribeTopic(DescribeConfigsRequest.DescribeConfigsResource asked, DescribeConfigsResponse.DescribeConfigsResult result, bool synonyms)
    {
        if (cluster.Topics.Find(asked.ResourceName) is not { } topic)
        {
            (result.ErrorCode, result.ErrorMessage) = (KafkaError.UnknownTopicOrPartition, "This server does not host this topic-partition.");
            return;
        }

        foreach (var key in TopicKeys.All.Where(k => Wanted(asked, k.Name)))
        {
            var own = topic.Configuration.GetValueOrDefault(key.Name);
            var serverKey = TopicKeys.ServerKeyOf(key.Name);
            var fallback = cluster.Settings.TopicDefault(key.Name) ?? key.Default;
            var fallbackSource = serverKey is not null && cluster.Settings.Values.ContainsKey(serverKey) ? StaticBrokerSource : DefaultSource;
            var entry = new DescribeConfigsResponse.DescribeConfigsResourceResult
            {
                Name = key.Name,
                Value = own ?? fallback,
                ConfigSource = own is null ? fallbackSource : TopicSource,
                ConfigType = (sbyte)key.Type,
            };
            if (synonyms && own is not null)
                entry.Synonyms.Add(new() { Name = key.Name, Value = own, Source = TopicSource });
            if (synonyms && fallback is not null)
                entry.Synonyms.Add(new() { Name = serverKey ?? key.Name, Value = fallback, Source = fallbackSource });
            result.Configs.Add(entry);
        }
    }

    private void DescribeBroker(DescribeConfigsRequest.DescribeConfigsResource asked, DescribeConfigsResponse.DescribeConfigsResult result)
    {
        if (asked.ResourceName.Length > 0 && !cluster.Brokers.Any(b => b.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == asked.ResourceName))
        {
            (result.ErrorCode, result.ErrorMessage) = (KafkaError.InvalidRequest, $"There is no broker {asked.ResourceName}.");
            return;
        }

        if (asked.ResourceName.Length == 0)
            return;
        foreach (var key in ServerKeys.All.Where(k => Wanted(asked, k.Name)))
        {
            var secret = key.Type == ConfigType.Password;
            result.Configs.Add(new()
            {
                Name = key.Name,
                Value = secret ? null : cluster.Settings[key.Name],
                ReadOnly = true,
                IsSensitive = secret,
                ConfigSource = cluster.Settings.Values.ContainsKey(key.Name) ? StaticBrokerSource : DefaultSource,
                ConfigType = (sbyte)key.Type,
            });
        }
    }
}
