"""The permissions of whoever deploys, as IAM policies: docs/deployer-policies/.

CloudFormation creates each resource with the deployer's permissions; AWS's resource schemas, which cfn-lint carries,
list those of each handler. To them come what Serverless and this project's scripts call themselves.

Usage: deployer_policies.py TEMPLATE FOLDER [--write]
Exit code 0: the folder has these policies. 1: otherwise.
"""

import json
import re
import sys
from pathlib import Path

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"
# Documented (IAM quotas): characters of a managed policy, without white space.
MAX_POLICY_CHARACTERS = 6144

# Called by the deployer, beside the handlers.
OWN = {
    "Serverless, deploy and remove": [
        "cloudformation:CreateChangeSet",
        "cloudformation:CreateStack",
        "cloudformation:DeleteChangeSet",
        "cloudformation:DeleteStack",
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStackResource",
        "cloudformation:DescribeStackResources",
        "cloudformation:DescribeStacks",
        "cloudformation:ExecuteChangeSet",
        "cloudformation:GetTemplate",
        "cloudformation:ListStackResources",
        "cloudformation:TagResource",
        "cloudformation:UpdateStack",
        "cloudformation:ValidateTemplate",
        "lambda:GetFunction",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:PutObject",
    ],
    "npm run empty": ["cloudformation:ListStackResources", "s3:DeleteObjectVersion", "s3:ListBucketVersions"],
    # Documented: API Gateway, "Configure logging for HTTP APIs".
    "the API's access log": [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ],
    # Documented: EC2, "Use a Systems Manager parameter instead of an AMI ID".
    "the uploader's image": ["ssm:GetParameters"],
}

# Of handlers, for properties that no resource of the template has.
WITHOUT_USE = {
    "elasticfilesystem": "file systems of functions",
    "kinesis": "streams that tables and delivery streams read or write",
    "s3files": "file systems of functions",
    "s3tables": "tables of buckets' metadata",
}

POLICIES = {
    "1-stack-and-functions": ["apigateway", "cloudformation", "iam", "kms", "lambda"],
    "2-data": ["athena", "dynamodb", "firehose", "glue", "lakeformation", "rekognition", "s3", "secretsmanager"],
    "3-messages-and-alarms": ["billing", "budgets", "cloudwatch", "events", "logs", "sns", "sqs"],
    "4-uploader": ["ec2", "ssm"],
}

# CloudFormation names the stack's roles and profiles after the stack. Services create their own roles below aws-service-role.
IAM_RESOURCES = [
    "arn:aws:iam::*:instance-profile/doorstep-*",
    "arn:aws:iam::*:role/aws-service-role/*",
    "arn:aws:iam::*:role/doorstep-*",
]


def statements_of(service, actions):
    def statement(sid, some, resource="*"):
        return {"Sid": sid, "Effect": "Allow", "Action": some, "Resource": resource}

    if service != "iam":
        return [statement(service.capitalize(), actions)]
    # Lists have no resource (documented: Service Authorization Reference, IAM).
    lists = [action for action in actions if action in ("iam:ListInstanceProfiles", "iam:ListRoles")]
    return [statement("IamLists", lists), statement("Iam", sorted({*actions} - {*lists}), IAM_RESOURCES)]


def handler_permissions(types):
    for resource_type in types:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema
        for handler in schema.get("handlers", {}).values():
            yield from handler.get("permissions", [])
        tagging = schema.get("tagging")
        yield from tagging.get("permissions", []) if isinstance(tagging, dict) else []


def policies(template):
    actions = set(handler_permissions(sorted({one["Type"] for one in template["Resources"].values()})))
    actions |= {action for group in OWN.values() for action in group}
    # Some schemas have names of requests (s3:REST.PUT.OBJECT) or of SDK methods (s3:getObject) as well.
    actions = {action for action in actions if re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z0-9]*\*?", action)}
    services = {action.split(":")[0] for action in actions}
    listed = {service for group in POLICIES.values() for service in group}
    if unlisted := services - listed - set(WITHOUT_USE):
        sys.exit(f"in no policy: {', '.join(sorted(unlisted))}; add them to POLICIES or WITHOUT_USE")
    for name, group in POLICIES.items():
        statements = [
            statement
            for service in group
            if service in services
            for statement in statements_of(service, sorted(one for one in actions if one.startswith(f"{service}:")))
        ]
        policy = {"Version": "2012-10-17", "Statement": statements}
        length = len(json.dumps(policy, separators=(",", ":")))
        if length > MAX_POLICY_CHARACTERS:
            sys.exit(f"{name} has {length} characters; a policy may have {MAX_POLICY_CHARACTERS}: split it in POLICIES")
        yield name, json.dumps(policy, indent=2) + "\n"


def main(template_file, folder, write=False):
    with open(template_file, encoding="utf8") as file:
        wanted = dict(policies(json.load(file)))
    if write:
        for name, text in wanted.items():
            Path(folder, f"{name}.json").write_text(text, encoding="utf8")
    found = {path.stem: path.read_text(encoding="utf8") for path in Path(folder).glob("*.json")}
    # Formatted or not: what a policy says counts.
    wrong = [name for name in sorted({*wanted, *found}) if parsed(wanted.get(name)) != parsed(found.get(name))]
    for name in wrong:
        print(f"{folder}/{name}.json is not what the template needs; run npm run test:template -- --write")
    if wrong:
        return 1
    count = sum(len(one["Action"]) for text in wanted.values() for one in json.loads(text)["Statement"])
    print(f"deployer's policies: {count} permissions, as the resource types of the template need them")
    return 0


def parsed(text):
    return json.loads(text) if text else None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3], write="--write" in sys.argv))
