namespace Switchback.Clients.Tests.Targets;

/// <summary>Three brokers of Apache Kafka, everything replicated, SASL_SSL for clients.</summary>
internal sealed class ApacheThreeBrokers : TestedCluster
{
    private readonly SecureApacheKafkaBrokers _kafka = new();

    public override string Name => "Apache Kafka";

    public override bool CanLoseOneBroker => true;

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
