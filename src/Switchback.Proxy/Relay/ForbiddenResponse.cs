using System.Collections;
using System.Reflection;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Proxy.Relay;

/// <summary>
/// Answers a forbidden request with its own API's response: cluster authorization failed, at the top where the response has an error there, and
/// for every topic, partition or resource that was asked for. Rare, so that walking the messages' properties is good enough.
/// </summary>
internal static class ForbiddenResponse
{
    private const KafkaError Error = KafkaError.ClusterAuthorizationFailed;

    /// <summary>Throws <see cref="RelayException"/> when the request cannot be read.</summary>
    public static IKafkaMessage To(RequestHead head, ReadOnlyMemory<byte> frame)
    {
        var reader = new WireReader(frame);
        KafkaFrame.ReadRequestHeader(ref reader, frame);
        var api = ApiTable.Get(head.ApiKey);
        if (!ApiTable.TryReadRequest(head.ApiKey, ref reader, head.Version, out var request))
        {
            throw new RelayException($"the client sent a malformed {api.Name} request, version {head.Version}");
        }

        var type = typeof(MetadataResponse).Assembly.GetType($"Switchback.Kafka.Messages.{api.Name}Response", throwOnError: true)!;
        var response = (IKafkaMessage)Answer(request, type);
        if (type.GetProperty("ErrorCode") is { } top && !CarriesErrorAtTop(type, top, head.Version))
        {
            top.SetValue(response, KafkaError.None);
        }

        return response;
    }

    /// <summary>Some responses have an error at the top in some versions only.</summary>
    private static bool CarriesErrorAtTop(Type type, PropertyInfo top, short version)
    {
        var trial = (IKafkaMessage)Activator.CreateInstance(type)!;
        top.SetValue(trial, Error);
        using var writer = new WireWriter();
        try
        {
            trial.Write(writer, version);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static object Answer(object asked, Type type)
    {
        var answer = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
        {
            if (property.PropertyType == typeof(KafkaError))
            {
                property.SetValue(answer, Error);
            }
            else if (asked.GetType().GetProperty(property.Name) is { } same && same.PropertyType == property.PropertyType)
            {
                property.SetValue(answer, same.GetValue(asked));
            }
        }

        // What was asked for as a list is answered as a list, under another name at times: TopicData by Responses, Resources by Results.
        var asks = Lists(asked.GetType()).FirstOrDefault();
        var answers = Lists(type).FirstOrDefault(list => !list.PropertyType.GenericTypeArguments[0].IsPrimitive && list.PropertyType.GenericTypeArguments[0] != typeof(string));
        if (asks?.GetValue(asked) is IEnumerable elements && answers?.GetValue(answer) is IList filled && filled.Count == 0)
        {
            foreach (var element in elements)
            {
                filled.Add(AnswerElement(element, answers.PropertyType.GenericTypeArguments[0]));
            }
        }

        return answer;
    }

    private static object AnswerElement(object asked, Type type)
    {
        if (asked is not string and not int)
        {
            return Answer(asked, type);
        }

        // A bare topic name or partition number is the first property of its kind in the answer.
        var answer = Answer(new object(), type);
        type.GetProperties().FirstOrDefault(property => property.CanWrite && property.PropertyType == asked.GetType() && property.Name != "ErrorMessage")?.SetValue(answer, asked);
        return answer;
    }

    private static IEnumerable<PropertyInfo> Lists(Type type) =>
        type.GetProperties().Where(property => property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(List<>)
            && property.PropertyType.GenericTypeArguments[0] != typeof(TaggedField));
}
