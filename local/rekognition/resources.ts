import * as v from "valibot";
import { OperatorError } from "../errors.ts";
import { parseProperties } from "../template/properties.ts";
import type { ResourceType } from "../template/resource.ts";
import { collectionId } from "./faces/inputs.ts";
import type { RekognitionState } from "./state.ts";

const properties = v.object({
  CollectionId: collectionId,
  Tags: v.optional(v.array(v.object({ Key: v.string(), Value: v.string() }))),
});

export const resourceTypes = ({ collections }: RekognitionState): Record<string, ResourceType> => ({
  /**
   * `Ref` returns the id, `Fn::GetAtt` has Arn (documented). The collection keeps its faces as long as its id stays; under a new
   * id, a new one is created empty (documented: replacement). A collection that exists already, but not of this template, is
   * refused, as CloudFormation refuses it.
   */
  "AWS::Rekognition::Collection": {
    properties: Object.keys(properties.entries),
    create: ({ properties: given, logicalId }) => {
      const { CollectionId: id, Tags } = parseProperties(properties, given);
      const existing = collections.find(id)?.record;
      if (existing && existing.logicalId !== logicalId)
        throw new OperatorError(
          `collection ${id} exists already and is not the template's ${logicalId}; delete it with DeleteCollection, or use another id`,
        );
      if (!existing)
        collections.create({
          id,
          logicalId,
          tags: Tags && Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
        });
      return { ref: id, attributes: { Arn: collections.arnOf(id) } };
    },
  },
});
