// Java's AdminClient makes, finds and removes ACLs and quotas at HOST:PORT, where it may; the last
// line says whether all was as it should be.
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

public class AclsAndQuotas {
    private static AclBinding rule(ResourceType type, String name, AclOperation operation) {
        return new AclBinding(new ResourcePattern(type, name, PatternType.PREFIXED),
            new AccessControlEntry("User:ann", "127.0.0.1", operation, AclPermissionType.ALLOW));
    }

    private static void expect(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    private static void acls(Admin admin) throws Exception {
        List<AclBinding> rules = List.of(rule(ResourceType.TOPIC, "a", AclOperation.READ),
            rule(ResourceType.GROUP, "b", AclOperation.ALL),
            rule(ResourceType.TRANSACTIONAL_ID, "c", AclOperation.WRITE),
            rule(ResourceType.USER, "User:d", AclOperation.CREATE_TOKENS));
        admin.createAcls(rules).all().get();
        Collection<AclBinding> found = admin.describeAcls(AclBindingFilter.ANY).values().get();
        expect(found.size() == rules.size() && found.containsAll(rules), "found " + found);
        try {
            admin.createAcls(List.of(new AclBinding(
                new ResourcePattern(ResourceType.CLUSTER, "x", PatternType.LITERAL),
                new AccessControlEntry("User:a", "*", AclOperation.ALTER, AclPermissionType.DENY)))).all().get();
            expect(false, "a cluster has one name");
        } catch (ExecutionException error) {
            expect(error.getCause() instanceof InvalidRequestException, error.toString());
        }
        Collection<AclBinding> gone = admin.deleteAcls(List.of(rules.get(1).toFilter())).all().get();
        expect(gone.equals(List.of(rules.get(1))), "deleted " + gone);
        expect(admin.describeAcls(AclBindingFilter.ANY).values().get().size() == rules.size() - 1, "left");
    }

    private static void quotas(Admin admin) throws Exception {
        ClientQuotaEntity entity = new ClientQuotaEntity(
            Map.of(ClientQuotaEntity.USER, "ann", ClientQuotaEntity.CLIENT_ID, "app"));
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(
            new ClientQuotaAlteration.Op("producer_byte_rate", 1024.0),
            new ClientQuotaAlteration.Op("request_percentage", 12.5))))).all().get();
        ClientQuotaFilter filter = ClientQuotaFilter.contains(
            List.of(ClientQuotaFilterComponent.ofEntity(ClientQuotaEntity.USER, "ann")));
        Map<ClientQuotaEntity, Map<String, Double>> found = admin.describeClientQuotas(filter).entities().get();
        expect(found.equals(Map.of(entity, Map.of("producer_byte_rate", 1024.0, "request_percentage", 12.5))),
            "found " + found);
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, List.of(
            new ClientQuotaAlteration.Op("producer_byte_rate", null),
            new ClientQuotaAlteration.Op("request_percentage", null))))).all().get();
        expect(admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get().isEmpty(), "left");
    }

    public static void main(String[] arguments) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
            acls(admin);
            quotas(admin);
        }
        System.out.println("as it should be");
    }
}
