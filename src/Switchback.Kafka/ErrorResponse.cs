using System.Collections;
using System.Reflection;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka;

/// <summary>
/// Answers any request with an error, in its own API's response: at the top where the response has an error there, and for every topic, partition or resource that was asked
/// for. Rare, so that walking the messages' properties is good enough.
/// </summary>
public static class ErrorResponse
{
    /// <summary>The response to a request that was read at a version.</summary>
    /// <param name="apiKey">An API of <see cref="ApiTable"/>.</param>
    /// <param name="version">The version of the request, and of the response.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="error">Set wherever the response has an error.</param>
    public static IKafkaMessage To(short apiKey, short version, IKafkaMessage request, KafkaError error)
    {
        var type = typeof(MetadataResponse).Assembly.GetType($"Switchback.Kafka.Messages.{ApiTable.Get(apiKey).Name}Response", throwOnError: true)!;
        var response = (IKafkaMessage)Answer(request, type, error);
        if (type.GetProperty("ErrorCode") is { } top && !CarriesErrorAtTop(type, top, version))
            top.SetValue(response, KafkaError.None);
        return response;
    }

    /// <summary>Some responses have an error at the top in some versions only.</summary>
    private static bool CarriesErrorAtTop(Type type, PropertyInfo top, short version)
    {
        var trial = (IKafkaMessage)Activator.CreateInstance(type)!;
        top.SetValue(trial, KafkaError.UnknownServerError);
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

    private static object Answer(object asked, Type type, KafkaError error)
    {
        var answer = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
        {
            if (property.PropertyType == typeof(KafkaError))
            {
                property.SetValue(answer, error);
            }
            else if (asked.GetType().GetProperty(property.Name) is { } same && same.PropertyType == property.PropertyType)
            {
                property.SetValue(answer, same.GetValue(asked));
            }
        }

        // What was asked for as a list is answered as a list, under another name at times: TopicData by Responses, Resources by Results.
        var asks = Lists(asked.GetType()).FirstOrDefault();
        var structures = Lists(type).Where(list => !list.PropertyType.GenericTypeArguments[0].IsPrimitive && list.PropertyType.GenericTypeArguments[0] != typeof(string)).ToList();
        var answers = structures.Find(list => list.Name == asks?.Name) ?? structures.FirstOrDefault();
        if (asks?.GetValue(asked) is IEnumerable elements && answers?.GetValue(answer) is IList filled && filled.Count == 0)
        {
            foreach (var element in elements)
            {
                filled.Add(AnswerElement(element, answers.PropertyType.GenericTypeArguments[0], error));
            }
        }

        return answer;
    }

    private static object AnswerElement(object asked, Type type, KafkaError error)
    {
        if (asked is not string and not int)
        {
            return Answer(asked, type, error);
        }

        // A bare topic name or partition number is the first property of its kind in the answer.
        var answer = Answer(new object(), type, error);
        type.GetProperties().FirstOrDefault(property => property.CanWrite && property.PropertyType == asked.GetType() && property.Name != "ErrorMessage")?.SetValue(answer, asked);
        return answer;
    }

    private static IEnumerable<PropertyInfo> Lists(Type type) =>
        type.GetProperties().Where(property => property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(List<>)
            && property.PropertyType.GenericTypeArguments[0] != typeof(TaggedField));
}
