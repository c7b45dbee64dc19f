using Switchback.Kafka.Tests.Schema;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests.Oracle;

/// <summary>Bytes of every message at every version, against what Apache Kafka's own classes read in them and write.</summary>
public class MessagesAgainstKafkaTests
{
    private const int SamplesPerVersion = 6;

    [Fact]
    public async Task Kafka_reads_what_was_meant_and_writes_the_same_bytes()
    {
        var random = new Random(20260101);
        var filler = new MessageFiller(random);
        var asked = new List<(Generator.Model.Message Message, IKafkaMessage Ours, OracleQuestion Question)>();
        foreach (var message in OurSchema.Messages)
        {
            for (var version = message.Versions.Lowest; version <= message.Versions.Highest; version++)
            {
                for (var sample = 0; sample < SamplesPerVersion; sample++)
                {
                    var ours = filler.Fill(message, (short)version);
                    asked.Add((message, ours, new OracleQuestion(message.ClassName, (short)version, Write(ours, (short)version))));
                }
            }
        }

        var answers = await MessageOracle.AskAsync([.. asked.Select(a => a.Question)]);
        for (var i = 0; i < asked.Count; i++)
        {
            var (message, ours, question) = asked[i];
            var path = $"{question.Message} v{question.Version}";
            Assert.True(answers[i].Refusal is null, $"{path}: {answers[i].Refusal}");
            FieldComparison.Compare(answers[i].Fields, ours, message, message.Root, path);
            Assert.True(question.Bytes.AsSpan().SequenceEqual(answers[i].Bytes), $"{path}: Kafka writes other bytes");
        }
    }

    [Fact]
    public async Task A_new_object_has_Kafkas_defaults()
    {
        var questions = (from message in OurSchema.Messages
                         from version in Enumerable.Range(message.Versions.Lowest, message.Versions.Highest - message.Versions.Lowest + 1)
                         select (message, question: new OracleQuestion(message.ClassName, (short)version, null))).ToList();
        var answers = await MessageOracle.AskAsync([.. questions.Select(q => q.question)]);
        for (var i = 0; i < questions.Count; i++)
        {
            var (message, question) = questions[i];
            var path = $"{question.Message} v{question.Version}";
            var ours = (IKafkaMessage)Activator.CreateInstance(MessageFiller.ClassOf(message))!;
            Assert.True(answers[i].Refusal is null, $"{path}: {answers[i].Refusal}");
            Assert.True(Write(ours, question.Version).AsSpan().SequenceEqual(answers[i].Bytes), $"{path}: other bytes for a new object");
        }
    }

    private static byte[] Write(IKafkaMessage message, short version)
    {
        using var writer = new WireWriter();
        message.Write(writer, version);
        return writer.Written.ToArray();
    }
}
