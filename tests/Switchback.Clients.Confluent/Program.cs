using System.Globalization;
using Switchback.Clients.Confluent;

// Drives Confluent.Kafka: words in on the command line, values in on standard input, tab-separated events out.
switch (args)
{
    case ["produce", var topic, var codec]:
        Producing.Run(topic, codec);
        break;
    case ["consume", var topic, var group, .. var protocol]:
        await Consuming.RunAsync(topic, group, newProtocol: protocol is ["consumer"]);
        break;
    case ["read", var topic, var partition, var offset, var count]:
        Consuming.Read(topic, Number(partition), Number(offset), Number(count));
        break;
    case ["transact", var topic, var id, var group]:
        Producing.Transact(topic, id, group);
        break;
    default:
        await Console.Error.WriteLineAsync($"not understood: {string.Join(' ', args)}");
        return 2;
}

return 0;

static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
