using Confluent.Kafka;

namespace ChuckClient;

/// <summary>How a sample begins: with one properties file, and every complaint about it.</summary>
public static class Application
{
    /// <summary>The exit code of one that cannot begin: its arguments, its configuration or its library do not fit.</summary>
    public const int CouldNotRun = 2;

    /// <summary>Reads the configuration and runs the application with it.</summary>
    /// <param name="name">The program's name, at the beginning of what it logs.</param>
    /// <param name="usage">What <c>--help</c> prints.</param>
    /// <param name="role">What it is to Kafka.</param>
    /// <param name="args">The properties file, and nothing else.</param>
    /// <param name="run">The application; answers its exit code.</param>
    /// <param name="complaint">What is wrong with the rest of its configuration, if anything is; listed with what is wrong with the file.</param>
    public static async Task<int> RunAsync(string name, string usage, ClientRole role, string[] args, Func<ClientProperties, ClientLog, Task<int>> run, string? complaint = null)
    {
        var log = new ClientLog(name);
        if (args is ["--help"] or ["-h"])
        {
            Console.WriteLine(usage);
            return 0;
        }

        if (args is not [var path])
        {
            await Console.Error.WriteLineAsync(usage);
            return CouldNotRun;
        }

        var errors = new List<string>();
        if (complaint is not null)
        {
            errors.Add(complaint);
        }

        ClientProperties? properties = null;
        try
        {
            properties = ClientProperties.Load(path, role);
        }
        catch (PropertiesException e)
        {
            errors.AddRange(e.Errors);
        }

        if (NativeLibrdkafka.Problem() is { } problem)
        {
            errors.Add(problem);
        }

        properties?.Notices.ToList().ForEach(log.Say);
        if (properties is null || errors.Count > 0)
        {
            errors.ForEach(log.Say);
            return CouldNotRun;
        }

        try
        {
            return await run(properties, log);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or KafkaException)
        {
            // What librdkafka itself does not take.
            log.Say($"{path}: {e.Message}");
            return CouldNotRun;
        }
    }
}
