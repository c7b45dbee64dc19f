namespace Switchback.Mirror.Tests.Campaign;

public class EmbeddedCampaignTests(RelayedEmbeddedPair pair) : CampaignTests(pair, roundsOtherwise: 8), IClassFixture<RelayedEmbeddedPair>;

public class ApacheCampaignTests(RelayedApachePair pair) : CampaignTests(pair, roundsOtherwise: 4), IClassFixture<RelayedApachePair>;

/// <summary>
/// Faults of every kind at random moments under load, in both directions: each record arrives exactly once, in its order, and each group finds its
/// place. <c>SWITCHBACK_LONG=1</c> is the campaign of a hundred rounds; <c>SWITCHBACK_SEED</c> plays another one, or one again.
/// </summary>
public abstract class CampaignTests(Clusters.ClusterPair pair, int roundsOtherwise)
{
    [Fact]
    public async Task Whatever_dies_at_any_moment_each_record_arrives_once_and_each_group_is_in_its_place()
    {
        Assert.SkipWhen(pair.Missing is not null, pair.Missing ?? "");
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SWITCHBACK_SEED"), out var given) ? given : 20_261;
        var rounds = Campaigns.AreAskedFor ? 100 : roundsOtherwise;
        await using var campaign = new MirrorCampaign(pair, seed, TestContext.Current.TestOutputHelper!.WriteLine);
        await campaign.RunAsync(rounds);
    }
}
