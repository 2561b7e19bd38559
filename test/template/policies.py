"""Lints every IAM policy of a compiled template with parliament, a policy linter of other makers.

Prints one JSON object per finding: {"resource", "issue", "detail"}.

Usage: policies.py TEMPLATE
"""

import json
import re
import sys

from parliament import analyze_policy_string

ACCOUNT = "000000000000"
PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "doorstep-dev",
    "AWS::URLSuffix": "amazonaws.com",
}
ARNS = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:us-east-1:{account}:table/{id}",
    "AWS::Events::EventBus": "arn:aws:events:us-east-1:{account}:event-bus/{id}",
    "AWS::Events::Rule": "arn:aws:events:us-east-1:{account}:rule/{id}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{id}",
    "AWS::KinesisFirehose::DeliveryStream": "arn:aws:firehose:us-east-1:{account}:deliverystream/{id}",
    "AWS::Lambda::Function": "arn:aws:lambda:us-east-1:{account}:function:{id}",
    "AWS::Logs::LogGroup": "arn:aws:logs:us-east-1:{account}:log-group:{id}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{id}",
    "AWS::SNS::Topic": "arn:aws:sns:us-east-1:{account}:{id}",
    "AWS::SQS::Queue": "arn:aws:sqs:us-east-1:{account}:{id}",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:us-east-1:{account}:secret:{id}",
}
# Values for the parameters that are empty by default and that policies name.
EXAMPLES = {
    "KmsKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000",
}
REF_IS_ARN = ("AWS::SNS::Topic", "AWS::SecretsManager::Secret")


class Template:
    """Resolves the functions that policies use, to placeholder names and ARNs of the right form."""

    def __init__(self, body):
        self.resources = body["Resources"]
        self.parameters = {
            name: value.get("Default") or EXAMPLES.get(name, "value") for name, value in body.get("Parameters", {}).items()
        }

    def arn(self, logical_id):
        kind = self.resources[logical_id]["Type"]
        name = logical_id.lower() if kind == "AWS::S3::Bucket" else logical_id
        return ARNS[kind].format(account=ACCOUNT, id=name)

    def ref(self, name):
        if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        if name in self.parameters:
            return self.parameters[name]
        is_arn = self.resources[name]["Type"] in REF_IS_ARN
        return self.arn(name) if is_arn else name.lower()

    def sub(self, text, variables):
        def replace(match):
            name = match.group(1)
            if name in variables:
                return str(self.resolve(variables[name]))
            logical_id, _, attribute = name.partition(".")
            return self.arn(logical_id) if attribute == "Arn" else self.ref(name)

        return re.sub(r"\$\{([^}!]+)\}", replace, text)

    def resolve(self, value):
        """None for AWS::NoValue."""
        if isinstance(value, list):
            return [one for one in map(self.resolve, value) if one is not None]
        if not isinstance(value, dict):
            return value
        if value == {"Ref": "AWS::NoValue"}:
            return None
        match list(value.items()):
            case [("Ref", name)]:
                return self.ref(name)
            case [("Fn::GetAtt", [logical_id, attribute])]:
                return self.arn(logical_id) if attribute == "Arn" else logical_id.lower()
            case [("Fn::Sub", [text, variables])]:
                return self.sub(text, variables)
            case [("Fn::Sub", text)]:
                return self.sub(text, {})
            case [("Fn::Join", [separator, parts])]:
                return separator.join(map(str, self.resolve(parts)))
            case [("Fn::If", [_, then, _])]:
                return self.resolve(then)
        resolved = {name: self.resolve(inner) for name, inner in value.items()}
        return {name: inner for name, inner in resolved.items() if inner is not None}

    def policies(self):
        for logical_id, resource in self.resources.items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::Role":
                for policy in self.resolve(properties.get("Policies", [])):
                    yield logical_id, policy["PolicyDocument"]
            elif "PolicyDocument" in properties:
                yield logical_id, self.resolve(properties["PolicyDocument"])


def main(template_file):
    with open(template_file, encoding="utf8") as file:
        template = Template(json.load(file))
    for logical_id, policy in template.policies():
        for finding in analyze_policy_string(json.dumps(policy)).findings:
            print(json.dumps({"resource": logical_id, "issue": finding.issue, "detail": str(finding.detail)}))


if __name__ == "__main__":
    main(sys.argv[1])
