using Switchback.Kafka.Generator.Model;

namespace Switchback.Kafka.Generator.Emitting;

/// <summary>Emits the rows of <c>ApiTable</c> and the readers it dispatches to.</summary>
internal static class ApiTableEmitter
{
    public static string Emit(IReadOnlyList<Message> requests)
    {
        var code = new CodeText();
        code.Line(MessageEmitter.Preamble).Line("namespace Switchback.Kafka;").Line();
        code.Line("/// <summary>The APIs of the protocol by key.</summary>").Open("public enum ApiKey : short");
        foreach (var request in requests)
            code.Line($"/// <summary>{request.Name}.</summary>").Line($"{request.Name} = {request.ApiKey},");
        code.Close().Line();
        code.Open("public static partial class ApiTable").Line("private static ApiInfo[] Rows() =>").Line("[");
        foreach (var request in requests)
        {
            var flexible = request.FlexibleVersions.IsEmpty ? short.MaxValue : request.FlexibleVersions.Lowest;
            code.Line($"    new ApiInfo({request.ApiKey}, \"{request.Name}\", {request.Versions.Lowest}, {request.Versions.Highest}, {flexible}),");
        }

        code.Line("];");
        EmitDispatch(code, requests, "Request");
        EmitDispatch(code, requests, "Response");
        return code.Close().ToString();
    }

    private static void EmitDispatch(CodeText code, IReadOnlyList<Message> requests, string suffix)
    {
        code.Open($"private static IKafkaMessage? Dispatch{suffix}(short key, ref Switchback.Kafka.Wire.WireReader reader, short version)");
        code.Open("switch (key)");
        foreach (var request in requests)
            code.Line($"case {request.ApiKey}: return Switchback.Kafka.Messages.{request.Name}{suffix}.Read(ref reader, version);");
        code.Line("default: return null;").Close().Close();
    }
}
