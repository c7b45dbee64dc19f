namespace Switchback.Clients.Tests.Targets;

/// <summary>Three brokers of Apache Kafka, everything replicated, SASL_SSL for clients.</summary>
internal sealed class ApacheThreeBrokers : TestedCluster
{
    private readonly ApacheKafkaCluster _kafka = ApacheKafkaCluster.Create(
        3,
        secure: true,
        "offsets.topic.replication.factor=3",
        "default.replication.factor=3",
        "transaction.state.log.replication.factor=3",
        EmbeddedKafka.ShortSession,
        "broker.heartbeat.interval.ms=500");

    public override string Name => "Apache Kafka";

    public override ClientTarget Plaintext => new("Apache Kafka in plaintext", _kafka.Plaintext, null);

    public override void Require() => ApacheKafka.RequireHome();

    public override Task KillAsync(int? broker = null) => _kafka.KillAsync(broker);

    public override Task StartAsync() => _kafka.StartAsync();

    protected override async Task<(string Bootstrap, Login Login)> StartFirstAsync()
    {
        await _kafka.InitializeAsync();
        return (_kafka.Bootstrap, new Login("client", "client-secret", _kafka.CaFile));
    }

    protected override ValueTask StopAsync() => _kafka.DisposeAsync();
}
