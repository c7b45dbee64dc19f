using System.Text.Json;

namespace ChuckClient;

/// <summary>Finds the unique id that a record's JSON value carries.</summary>
public static class RecordId
{
    private const int LongestId = 128;

    /// <summary>The member <c>id</c> of the outermost object; null when the value is not such JSON.</summary>
    public static string? Find(ReadOnlySpan<byte> value)
    {
        var json = new Utf8JsonReader(value);
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isId = json.ValueTextEquals("id"u8);
                json.Read();
                if (isId)
                {
                    return json.TokenType == JsonTokenType.String && json.ValueSpan.Length is > 0 and <= LongestId ? json.GetString() : null;
                }

                json.Skip();
            }
        }
        catch (JsonException)
        {
            // Not ours: somebody else's record on a topic that the pattern matches.
            return null;
        }

        return null;
    }
}
