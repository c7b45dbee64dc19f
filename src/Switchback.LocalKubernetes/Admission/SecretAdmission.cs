using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

/// <summary>Secrets and ConfigMaps.</summary>
internal static class SecretAdmission
{
    private const int MostBytes = 1 << 20;
    private static readonly string[] Contents = ["data", "binaryData"];

    /// <summary>What is written in the clear is kept as the rest.</summary>
    public static void SetDefaults(JsonObject secret)
    {
        foreach (var (key, value) in secret.Object("stringData") ?? [])
        {
            secret.Ensure("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.GetValue<string>() ?? ""));
        }

        secret.Remove("stringData");
    }

    public static void Check(JsonObject item, JsonObject? previous, List<StatusCause> causes)
    {
        long size = 0;
        foreach (var field in Contents)
        {
            foreach (var (key, value) in item.Object(field) ?? [])
            {
                size += key.Length + Encoding.UTF8.GetByteCount(value?.GetValue<string>() ?? "");
                if (!Names.IsConfigKey(key))
                {
                    causes.Invalid($"{field}[{key}]", key, Names.KeyMessage);
                }
            }
        }

        if (size > MostBytes * (item.Text("kind") == "Secret" ? 4 / 3.0 : 1))
        {
            causes.Add(new StatusCause("FieldValueTooLong", $"Too long: may not be more than {MostBytes} bytes", "data"));
        }

        if (previous is null)
        {
            return;
        }

        if (previous.Text("type") != item.Text("type"))
        {
            causes.Invalid("type", item.Text("type"), "field is immutable");
        }

        if (previous.Flag("immutable") == true)
        {
            if (item.Flag("immutable") != true)
            {
                causes.Forbidden("immutable", "field is immutable when `immutable` is set");
            }

            foreach (var field in Contents.Where(field => !JsonNode.DeepEquals(item[field], previous[field])))
            {
                causes.Forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }
}
