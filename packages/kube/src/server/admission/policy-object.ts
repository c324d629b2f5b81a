/** The parts of ValidatingAdmissionPolicy and its binding (`admissionregistration.k8s.io/v1`) that are evaluated. */
export interface PolicySpec {
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly matchConstraints?: MatchResources;
  readonly matchConditions?: readonly NamedExpression[];
  readonly variables?: readonly NamedExpression[];
  readonly validations?: readonly Validation[];
  readonly paramKind?: { readonly apiVersion?: string; readonly kind?: string };
}

export interface BindingSpec {
  readonly policyName?: string;
  readonly matchResources?: MatchResources;
  readonly validationActions?: readonly ('Deny' | 'Warn' | 'Audit')[];
  readonly paramRef?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly selector?: object;
    readonly parameterNotFoundAction?: 'Allow' | 'Deny';
  };
}

export interface MatchResources {
  readonly namespaceSelector?: object;
  readonly objectSelector?: object;
  readonly resourceRules?: readonly ResourceRule[];
  readonly excludeResourceRules?: readonly ResourceRule[];
}

export interface ResourceRule {
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly operations?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly scope?: '*' | 'Cluster' | 'Namespaced';
}

export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

export interface Validation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
}
