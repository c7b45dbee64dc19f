using System.Text;
using System.Text.Json.Nodes;
using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Tests.Deciding;

/// <summary>The vectors are stakater/Reloader's own: users' manifests carry them.</summary>
public sealed class ContentHashTests
{
    [Theory]
    [InlineData("""{"data": {"test.url": "www.stakater.com"}}""", "3c9a892aeaedc759abc3df9884a37b8be5680382")]
    [InlineData("""{"data": {"a": "1", "a.b": "2"}}""", "499daa6d70eb53ada0bb7346397120ffefcda5c3")]
    [InlineData("""{"data": {"a.b": "2", "a": "1"}}""", "499daa6d70eb53ada0bb7346397120ffefcda5c3")]
    [InlineData("""{"data": {"test": "test"}, "binaryData": {"bintest": "dGVzdA=="}}""", "0d58150de76a895b24f4ca213f590766160c4349")]
    [InlineData("""{"metadata": {"name": "empty"}}""", ContentHash.Empty)]
    [InlineData("""{"data": null}""", "da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    public void A_ConfigMap_has_the_hash_that_stakaters_controller_gives_it(string resource, string hash) =>
        Assert.Equal(hash, ContentHash.Of(ResourceKind.ConfigMap, JsonNode.Parse(resource)!.AsObject()));

    [Fact]
    public void A_Secret_is_hashed_by_its_decoded_values()
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes("www.stakater.com"));
        Assert.Equal("3c9a892aeaedc759abc3df9884a37b8be5680382", ContentHash.Of(ResourceKind.Secret, new JsonObject { ["data"] = new JsonObject { ["test.url"] = encoded } }));
    }

    [Fact]
    public void Bytes_that_are_no_text_tell_Secrets_apart()
    {
        var one = ContentHash.Of(ResourceKind.Secret, Binary(0xff, 0xfe));
        Assert.NotEqual(one, ContentHash.Of(ResourceKind.Secret, Binary(0xff, 0xfd)));
        Assert.NotEqual(ContentHash.Empty, one);

        static JsonObject Binary(params byte[] bytes) => new() { ["data"] = new JsonObject { ["key"] = Convert.ToBase64String(bytes) } };
    }
}
