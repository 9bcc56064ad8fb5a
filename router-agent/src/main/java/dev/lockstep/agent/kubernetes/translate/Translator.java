package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.IngressClasses;
import dev.lockstep.agent.kubernetes.parse.IngressParser;
import dev.lockstep.agent.kubernetes.parse.Intent;
import dev.lockstep.agent.kubernetes.parse.Intent.Birth;
import dev.lockstep.agent.kubernetes.parse.Parsed;
import dev.lockstep.agent.kubernetes.parse.RoutableServiceParser;
import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.Route.Action;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.TlsBinding;
import dev.lockstep.core.protocol.Observation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Keeps a config equal to what the objects ask for. No IO, no clock: the same changes in the same
 * order give the same configs.
 *
 * <p>How it works: an object is read alone, into an {@link Intent}. Then, only where something
 * changed: hosts are settled among those who ask for them ({@link Claims}), the certificates and
 * backends that the routes refer to are read ({@link Certificates}, {@link Backends}), and the
 * entries that came out differently are replaced. So a change costs what it touches, however large
 * the config is. An object that cannot be read keeps its last good intent: nobody else notices.
 *
 * <p>Confined to its owner's thread.
 */
public final class Translator {
  private final TranslationSettings settings;
  private final RouterConfig previous;
  private final LastGood lastGood;
  private final Claims claims;
  private final Certificates certificates;
  private final Backends backends;
  private final Verdicts verdicts;
  private final Map<ObjectKey, Ingress> ingresses = new HashMap<>();
  private final Set<ObjectKey> defaultClasses = new HashSet<>();
  private final Set<String> tlsHosts = new TreeSet<>();
  private RouterConfig config = RouterConfig.EMPTY;
  private boolean settledOnce;

  /**
   * @param settings what is ours
   * @param previous what was served before: who has which host, and the last good form of what is
   *     bad now
   */
  public Translator(TranslationSettings settings, RouterConfig previous) {
    this.settings = settings;
    this.previous = previous;
    this.lastGood = new LastGood(previous);
    this.claims = new Claims(previous);
    this.certificates = new Certificates(previous);
    this.backends = new Backends(previous);
    this.verdicts = new Verdicts(claims, certificates, backends);
  }

  /** The object is there, and like this. */
  public void put(ObjectKey key, HasMetadata object) {
    verdicts.present(key, object.getMetadata());
    switch (object) {
      case Ingress ingress -> {
        ingresses.put(key, ingress);
        accept(key, ingress, parse(ingress));
      }
      case Service service -> {
        backends.put(key, service);
        accept(key, service, RoutableServiceParser.parse(service, settings.platformDomain()));
      }
      case IngressClass ingressClass ->
          setDefault(key, IngressClasses.isOurDefault(ingressClass, settings.ingressClass()));
      case EndpointSlice slice -> backends.put(key, slice);
      case Secret secret -> {
        certificates.put(key, secret);
        backends.put(key, secret);
      }
      default -> throw new IllegalArgumentException("object: " + key + " (expected: a source)");
    }
  }

  /** The object is not there, as of this resourceVersion. */
  public void remove(ObjectKey key, long resourceVersion) {
    verdicts.absent(key, resourceVersion);
    SourceKind kind =
        SourceKind.of(key)
            .orElseThrow(() -> new IllegalArgumentException("object: " + key + " is no source"));
    switch (kind) {
      case INGRESS -> {
        ingresses.remove(key);
        claims.remove(key);
      }
      case SERVICE -> {
        backends.remove(key);
        claims.remove(key);
      }
      case INGRESS_CLASS -> setDefault(key, false);
      case ENDPOINT_SLICE -> backends.remove(key);
      case SECRET -> {
        certificates.remove(key);
        backends.remove(key);
      }
    }
  }

  /**
   * {@return what the object is to us at the moment, known absent as of the resourceVersion if so}
   */
  public Observation observation(ObjectKey key, long absentAt) {
    return verdicts.observation(key, absentAt);
  }

  /** {@return what came out of all changes since the last call} */
  public Translation settle() {
    claims.settle().forEach(this::settleHost);
    certificates.settle().forEach(this::settleCertificate);
    tlsHosts.forEach(this::settleTls);
    tlsHosts.clear();
    backends.settle().forEach(this::settleBackend);
    backends.takeSecretsWithNews().forEach(verdicts::touch);
    if (!settledOnce) {
      // The same content, but sharing what it can with what was served: cheap to compare.
      config = previous.apply(previous.changesTo(config));
      lastGood.forget();
      settledOnce = true;
    }
    return verdicts.report(config);
  }

  private Parsed parse(Ingress ingress) {
    String named = IngressClasses.named(ingress);
    boolean ours =
        named.isEmpty() ? !defaultClasses.isEmpty() : named.equals(settings.ingressClass());
    return ours
        ? IngressParser.parse(ingress)
        : new Parsed.Foreign("its ingress class is " + "'" + named + "'");
  }

  /** Whether Ingresses without a class are ours may have changed: those are read anew. */
  private void setDefault(ObjectKey ingressClass, boolean ours) {
    boolean changed = ours ? defaultClasses.add(ingressClass) : defaultClasses.remove(ingressClass);
    if (!changed) {
      return;
    }
    ingresses.forEach(
        (key, ingress) -> {
          if (IngressClasses.named(ingress).isEmpty()) {
            accept(key, ingress, parse(ingress));
          }
        });
  }

  private void accept(ObjectKey key, HasMetadata object, Parsed parsed) {
    verdicts.parsed(key, parsed);
    Optional<Intent> intent =
        switch (parsed) {
          case Parsed.Wanted wanted -> Optional.of(wanted.intent());
          case Parsed.Foreign foreign -> Optional.empty();
          case Parsed.Faulty faulty ->
              lastGood(key, Birth.of(object.getMetadata())).or(faulty::fallback);
        };
    intent.ifPresentOrElse(claims::put, () -> claims.remove(key));
  }

  private Optional<Intent> lastGood(ObjectKey key, Birth birth) {
    return claims
        .get(key)
        .filter(intent -> intent.birth().uid().equals(birth.uid()))
        .or(() -> lastGood.of(key, birth));
  }

  private void settleHost(String host, Claims.Change change) {
    change.origins().forEach(verdicts::touch);
    // First the new references, then the old ones: what is in both is not read anew.
    change.after().ifPresent(after -> after.routes().forEach(r -> forBackends(r, backends::use)));
    change.after().ifPresent(after -> after.tls().ifPresent(tls -> useCertificate(tls, host)));
    change
        .before()
        .ifPresent(
            before -> {
              before.routes().forEach(route -> forBackends(route, backends::release));
              releaseCertificate(before, change.after(), host);
              before.routes().forEach(route -> removeUnless(change.after(), route));
            });
    change.after().ifPresent(after -> after.routes().forEach(this::put));
    tlsHosts.add(host);
  }

  private interface Reference {
    void change(Backend.Id id, ObjectKey origin);
  }

  private static void forBackends(Route route, Reference reference) {
    for (Route.Rule rule : route.rules()) {
      switch (rule.action()) {
        case Action.Forward forward ->
            forward.shares().forEach(s -> reference.change(s.backend(), route.origin()));
        case Action.Respond respond -> {}
      }
    }
  }

  private void useCertificate(HostSettlement.Tls tls, String host) {
    certificates.use(tls.certificate(), host, tls.origin());
  }

  private void releaseCertificate(
      HostSettlement before, Optional<HostSettlement> after, String host) {
    Optional<Certificate.Id> still =
        after.flatMap(HostSettlement::tls).map(HostSettlement.Tls::certificate);
    before
        .tls()
        .map(HostSettlement.Tls::certificate)
        .filter(id -> !still.equals(Optional.of(id)))
        .ifPresent(id -> certificates.release(id, host));
  }

  private void removeUnless(Optional<HostSettlement> after, Route route) {
    List<Route> routes = after.map(HostSettlement::routes).orElse(List.of());
    if (routes.stream().noneMatch(kept -> kept.key().equals(route.key()))) {
      drop(route.key());
    }
  }

  private void settleCertificate(Certificate.Id id, Optional<Certificate> certificate) {
    certificate.ifPresentOrElse(this::put, () -> drop(Certificate.key(id)));
    tlsHosts.addAll(certificates.usersOf(id).keySet());
    certificates.originsOf(id).forEach(verdicts::touch);
    verdicts.touch(SourceKind.SECRET.key(id.namespace(), id.secret()));
  }

  private void settleTls(String host) {
    Optional<HostSettlement.Tls> tls =
        claims
            .settlement(host)
            .flatMap(HostSettlement::tls)
            .filter(wanted -> certificates.isUsable(wanted.certificate()));
    Consumer<HostSettlement.Tls> bind =
        wanted -> put(new TlsBinding(host, wanted.certificate(), wanted.origin()));
    tls.ifPresentOrElse(bind, () -> drop(TlsBinding.key(host)));
  }

  private void settleBackend(Backend.Id id, Backends.Settled settled) {
    settled.backend().ifPresentOrElse(this::put, () -> drop(Backend.key(id)));
    if (settled.told()) {
      backends.usersOf(id).forEach(verdicts::touch);
    }
  }

  /**
   * Entries that are as they were stay the same objects, so that nothing downstream looks twice.
   */
  private void put(Entry entry) {
    if (config.entries().get(entry.key()).filter(entry::equals).isEmpty()) {
      config = config.with(entry);
    }
  }

  private void drop(String key) {
    if (config.entries().contains(key)) {
      config = config.without(key);
    }
  }
}
