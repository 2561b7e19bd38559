/** A resource of the template whose intrinsic functions have all been resolved. */
export interface ResolvedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** A name that is the same at every start, `<stack>-<logicalId>-<hash>`, for resources the template leaves unnamed. */
  readonly generatedName: string;
}

/** What other resources see of a created resource. */
export interface CreatedResource {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, by attribute name. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** How the local cloud creates resources of one CloudFormation resource type. */
export interface ResourceType {
  /**
   * Every property that the local cloud acts on or that has no local meaning; any other is refused by name,
   * because it might change behaviour on AWS.
   */
  readonly properties: readonly string[];
  /** Creates the resource, or updates the one that exists: the template is applied at every start. */
  create(resource: ResolvedResource): Promise<CreatedResource> | CreatedResource;
}
